// Every command of the program, a line each.
#include "commands.hpp"

#include "cmd_analyze.hpp"
#include "cmd_config.hpp"
#include "cmd_consume.hpp"
#include "cmd_dlq.hpp"
#include "cmd_events.hpp"
#include "cmd_groups.hpp"
#include "cmd_health.hpp"
#include "cmd_notify.hpp"
#include "cmd_outbox.hpp"
#include "cmd_produce.hpp"
#include "cmd_replay.hpp"
#include "cmd_schedule.hpp"
#include "cmd_serve.hpp"
#include "cmd_store.hpp"
#include "cmd_stream.hpp"
#include "cmd_topics.hpp"
#include "cmd_users.hpp"

namespace kbeat::app {

void add_commands(CommandLine& line) {
  add_consume(line);
  add_dlq(line);
  add_produce(line);
  add_replay(line);
  add_outbox(line);
  add_stream(line);
  add_serve(line);
  add_analyze(line);
  add_topics(line);
  add_groups(line);
  add_health(line);
  add_events(line);
  add_notify(line);
  add_schedule(line);
  add_store(line);
  add_users(line);
  add_config(line);
}

}  // namespace kbeat::app
