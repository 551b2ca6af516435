// Wires notifications to messengers.
#include "cmd_notify.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "exit_code.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/split_words.hpp"
#include "kbeat/config/property_layers.hpp"
#include "kbeat/upkeep/notification_sender.hpp"
#include "output.hpp"
#include "program_check.hpp"

namespace kbeat::app {
namespace {

std::string owner_of(const Context& context) {
  return fmt::format("{}-{}", ::getpid(), context.clock.steady().time_since_epoch().count());
}

std::unique_ptr<upkeep::Messenger> messenger_of(const Context& context) {
  const config::NotifySettings& notify = context.settings().notify;
  auto messenger = upkeep::make_messenger({.exec = notify.exec, .webhook = notify.webhook});
  if (!notify.exec.empty()) {
    const bool by_flag = config::source_of(context.config.values, {"notify.exec"}).starts_with("flag");
    check_program(by_flag ? "--exec" : "notify.exec", split_words(notify.exec).front());
  }
  return messenger;
}

std::string result_line(const upkeep::SentNotification& row) {
  const std::string user = json_string(row.user_id);
  const std::string error = row.error.empty() ? "null" : json_string(row.error);
  return fmt::format(
      R"({{"id":{},"user_id":{},"outcome":"{}","attempts":{},"error":{},"possibly_twice":{}}})", row.id, user,
      row.sent ? "sent" : "failed", row.attempts, error, row.possibly_twice);
}

void add_way(CommandLine& line, CLI::App& app) {
  add_setting(line, app, "--exec", "notify.exec", "deliver by this program: JSON on its standard input")
      ->type_name("COMMAND");
  add_setting(line, app, "--webhook", "notify.webhook", "deliver by POSTing JSON to this URL")
      ->type_name("URL");
}

void add_notify_list(CommandLine& line, CLI::App& group) {
  auto options = std::make_shared<NotifyListOptions>();
  CLI::App& app =
      add_command(line, group,
                  {"list", "show notifications, oldest first",
                   "kbeat notify list --unsent\nkbeat notify list --output csv > notifications.csv"},
                  [options](Context& context) { return run_notify_list(*options, context); });
  app.add_flag("--unsent", options->unsent, "only those that wait");
  app.add_flag("--sent", options->sent, "only those that were delivered");
  at_least(0, app.add_option("--limit", options->limit, "at most so many"))
      ->type_name("N")
      ->capture_default_str();
  add_output_flag(app, options->output);
}

void add_send_command(CommandLine& line, CLI::App& group) {
  auto options = std::make_shared<NotifySendOptions>();
  CLI::App& app = add_command(line, group,
                              {"send", "store one notification and deliver it",
                               "kbeat notify send --user u1 --event quiz.done \"You scored 9 of 10\""},
                              [options](Context& context) { return run_notify_send(*options, context); });
  app.add_option("content", options->content, "what it says")->required()->type_name("TEXT");
  app.add_option("--user", options->user, "whom it is for")->required()->type_name("ID");
  app.add_option("--event", options->event, "what it is about")->required()->type_name("NAME");
  add_way(line, app);
}

void add_process_command(CommandLine& line, CLI::App& group) {
  auto options = std::make_shared<NotifyProcessOptions>();
  CLI::App& app = add_command(line, group,
                              {"process", "deliver what is unsent, oldest first",
                               "kbeat notify process                     # to the log\n"
                               "kbeat notify process --exec ./send-mail --limit 100\n"
                               "kbeat notify process --webhook https://hooks.example.com/kbeat"},
                              [options](Context& context) { return run_notify_process(*options, context); });
  at_least(0, app.add_option("--limit", options->limit, "at most so many (0: all)"))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--max-retries", options->max_retries, "tries after the first, of what may succeed later")
      ->check(CLI::Range(0, 1000))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--retry-delay", options->retry_delay, "first wait between tries")
      ->type_name("SPAN")
      ->capture_default_str();
  add_way(line, app);
}

}  // namespace

void add_notify(CommandLine& line) {
  CLI::App& group =
      add_command_group(line.root(), {"notify", "list, add and deliver notifications",
                                      "kbeat notify list --unsent\nkbeat notify process --exec ./send-mail"});
  add_notify_list(line, group);
  add_send_command(line, group);
  add_process_command(line, group);
}

int run_notify_list(const NotifyListOptions& options, Context& context) {
  if (options.unsent && options.sent) throw Error(ErrorCode::usage, "--unsent and --sent exclude each other");
  const auto state = options.unsent ? store::NotificationState::unsent
                     : options.sent ? store::NotificationState::sent
                                    : store::NotificationState::any;
  const OutputForm form = output_form(options.output, context.io);
  store::Notifications rows(context.settings().transport.data_dir);
  Listing listing{
      {"id", "user_id", "event", "content", "status", "created_at", "sent_at", "attempts", "error"}, {}};
  for (const store::Notification& row : rows.list(state, options.limit)) {
    listing.rows.push_back({row.id, row.user_id, row.event, row.content, row.status, to_rfc3339(row.created),
                            row.sent ? Cell(to_rfc3339(*row.sent)) : Cell(), row.attempts,
                            row.error.empty() ? Cell() : Cell(row.error)});
  }
  print_listing(listing, form, context.io.out());
  return k_exit_done;
}

int run_notify_send(const NotifySendOptions& options, Context& context) {
  if (options.user.empty() || options.content.empty())
    throw Error(ErrorCode::usage, "a notification needs a user and a content (see kbeat notify send --help)");
  const auto messenger = messenger_of(context);
  store::Notifications rows(context.settings().transport.data_dir);
  const std::int64_t id = rows.add(options.user, options.event, options.content, context.clock.now());
  const upkeep::SendOptions how{.owner = owner_of(context), .limit = {}};
  if (!rows.claim_one({.owner = how.owner, .now = context.clock.now()}, id)) {
    context.notice(fmt::format("notification {} is being delivered by another process", id));
    return k_exit_done;
  }
  upkeep::NotificationSender sender(rows, *messenger, context.clock);
  const store::Notification row{.id = id,
                                .user_id = options.user,
                                .event = options.event,
                                .content = options.content,
                                .status = "unsent",
                                .created = context.clock.now(),
                                .sent = {},
                                .error = {}};
  const upkeep::SentNotification result = sender.send(row, how, context.stop());
  context.io.out().write(result_line(result) + "\n");
  if (result.sent) return k_exit_done;
  context.io.say(fmt::format("kbeat: notification {} stays unsent: {}; kbeat notify process tries again", id,
                             result.error));
  return k_exit_failed;
}

int run_notify_process(const NotifyProcessOptions& options, Context& context) {
  const auto messenger = messenger_of(context);
  store::Notifications rows(context.settings().transport.data_dir);
  upkeep::NotificationSender sender(rows, *messenger, context.clock);
  upkeep::SendOptions how{.owner = owner_of(context), .limit = {}, .max_retries = options.max_retries};
  how.backoff.base = parse_duration(options.retry_delay);
  if (options.limit > 0) how.limit = static_cast<std::uint64_t>(options.limit);
  const upkeep::SendCounts counts = sender.send_all(how, context.stop(), [&](const auto& row) {
    context.io.out().write(result_line(row) + "\n");
    context.io.out().flush();
  });
  context.notice(fmt::format("{} notifications sent by {}, {} failed and stay unsent", counts.sent,
                             messenger->name(), counts.failed));
  if (counts.left_to_others > 0) {
    context.notice(
        fmt::format("{} more are in the hands of other processes; what one leaves behind comes back "
                    "within a minute: run this again",
                    counts.left_to_others));
  }
  if (context.stop().stop_requested()) return exit_code(ErrorCode::interrupted, context.shutdown.signal());
  if (counts.failed == 0) return k_exit_done;
  return counts.sent > 0 ? k_exit_partly_done : k_exit_failed;
}

}  // namespace kbeat::app
