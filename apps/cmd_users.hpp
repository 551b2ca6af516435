// `kbeat users`: who may log in to the server.
#pragma once

#include <string>

#include "command.hpp"

namespace kbeat::app {

struct UsersFlags {
  std::string email;
  std::string role = "ingest";
  std::string password_file;
  std::string output;
};

void add_users(CommandLine& line);
[[nodiscard]] int run_users_add(const UsersFlags& flags, Context& context);
[[nodiscard]] int run_users_list(const UsersFlags& flags, Context& context);
[[nodiscard]] int run_users_remove(const UsersFlags& flags, Context& context);

}  // namespace kbeat::app
