// The user commands on the store's accounts.
#include "cmd_users.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>

#include "exit_code.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/server/serve_server.hpp"
#include "kbeat/store/accounts.hpp"
#include "output.hpp"
#include "password_input.hpp"

namespace kbeat::app {
namespace {

constexpr std::size_t k_longest_email = 254;  // RFC 5321
constexpr std::size_t k_shortest_password = 6;
constexpr std::size_t k_longest_password = 1024;

void check_email(const std::string& email) {
  const std::size_t at = email.find('@');
  const bool plain = std::all_of(email.begin(), email.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (plain && at != std::string::npos && at > 0 && at + 1 < email.size() && email.size() <= k_longest_email)
    return;
  throw Error(ErrorCode::usage, fmt::format("\"{}\" is no email address", escape_for_terminal(email, 80)));
}

void check_password(const std::string& password) {
  if (password.size() >= k_shortest_password && password.size() <= k_longest_password && is_utf8(password))
    return;
  throw Error(ErrorCode::bad_input,
              fmt::format("a password has {} to {} bytes of UTF-8", k_shortest_password, k_longest_password));
}

std::unique_ptr<store::Accounts> accounts_of(const Context& context) {
  return store::open_accounts(context.settings().transport.data_dir);
}

}  // namespace

void add_users(CommandLine& line) {
  CLI::App& group = add_command_group(line.root(), {"users", "add, list and remove who may log in to serve",
                                                    "kbeat users add ada@example.com --role ingest\n"
                                                    "kbeat users list"});
  auto flags = std::make_shared<UsersFlags>();
  CLI::App& add = add_command(line, group,
                              {"add", "add a user, or change role and password of one",
                               "kbeat users add ada@example.com --role admin   # asks for the password\n"
                               "kbeat users add bot@example.com --password-file secret.txt"},
                              [flags](Context& context) { return run_users_add(*flags, context); });
  add.add_option("email", flags->email, "the name to log in with")->required();
  add.add_option("--role", flags->role, "read, ingest or admin")
      ->check(CLI::IsMember({"read", "ingest", "admin"}))
      ->capture_default_str();
  add.add_option("--password-file", flags->password_file,
                 "a file whose first line is the password (default: asks, "
                 "or reads a line of stdin)")
      ->type_name("FILE");
  CLI::App& list = add_command(line, group, {"list", "list users and roles", "kbeat users list --output csv"},
                               [flags](Context& context) { return run_users_list(*flags, context); });
  add_output_flag(list, flags->output);
  CLI::App& remove = add_command(
      line, group, {"remove", "remove a user; the tokens end at once", "kbeat users remove ada@example.com"},
      [flags](Context& context) { return run_users_remove(*flags, context); });
  remove.add_option("email", flags->email, "the user")->required();
}

int run_users_add(const UsersFlags& flags, Context& context) {
  check_email(flags.email);
  const std::string password = read_password(flags.password_file, context.io);
  check_password(password);
  accounts_of(context)->put({.email = flags.email,
                             .role = flags.role,
                             .password_hash = server::password_hash(password),
                             .created = context.clock.now()});
  context.detail(fmt::format("{} may log in with the role {}", flags.email, flags.role));
  return k_exit_done;
}

int run_users_list(const UsersFlags& flags, Context& context) {
  const OutputForm form = output_form(flags.output, context.io);
  Listing listing{{"email", "role", "created"}, {}};
  for (const store::User& user : accounts_of(context)->all())
    listing.rows.push_back({user.email, user.role, to_rfc3339(user.created)});
  print_listing(listing, form, context.io.out());
  return k_exit_done;
}

int run_users_remove(const UsersFlags& flags, Context& context) {
  if (accounts_of(context)->remove(flags.email)) return k_exit_done;
  throw Error(ErrorCode::not_found,
              fmt::format("there is no user {} (kbeat users list)", escape_for_terminal(flags.email, 80)));
}

}  // namespace kbeat::app
