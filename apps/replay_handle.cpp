// The consume loop over a replay.
#include "replay_handle.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "consume_flags.hpp"
#include "exit_code.hpp"
#include "handler_kit.hpp"
#include "kbeat/pipeline/consume_loop.hpp"
#include "kbeat/pipeline/result_writer.hpp"
#include "kbeat/replay/handled_transport.hpp"
#include "route_flags.hpp"

namespace kbeat::app {
namespace {

/// Each run without a name has positions of its own.
std::string group_name(const ReplayFlags& flags, const Context& context) {
  if (!flags.resume.empty()) return "replay:" + flags.resume;
  return fmt::format("replay:{}-{}", to_rfc3339(context.clock.now()), ::getpid());
}

pipeline::ConsumeOptions options_of(const ReplayFlags& flags, const replay::HandledParts& parts,
                                    const Context& context) {
  ConsumeFlags consume;
  for (const replay::CursorPart& part : parts) {
    if (consume.topics.empty() || consume.topics.back() != part.partition.topic.get())
      consume.topics.push_back(part.partition.topic.get());
  }
  consume.limits.exit_at_end = true;
  consume.limits.count = flags.count;
  pipeline::ConsumeOptions options = consume_options(consume, context);
  options.group = GroupId{group_name(flags, context)};
  options.marks_of = GroupId{context.settings().consume.group};
  options.force = flags.force;
  if (flags.force) options.runner.done_before = nullptr;
  options.fellows_patience = Milliseconds{0};
  options.client_id = "kbeat-replay";
  options.command = "replay";
  options.policy = pipeline::FromEarliest{};
  return options;
}

int conclude(const pipeline::ConsumeResult& result, const Context& context) {
  const pipeline::ConsumeCounts& counts = result.counts;
  std::string line = fmt::format("{} records replayed: {} done, {} dead-lettered", counts.read, counts.done,
                                 counts.dead_letters);
  if (counts.duplicates > 0)
    line += fmt::format(", {} applied before (--force applies them again)", counts.duplicates);
  if (counts.unhandled > 0) line += fmt::format(", {} unhandled", counts.unhandled);
  context.notice(line);
  if (result.end == pipeline::ConsumeEnd::stopped)
    return exit_code(ErrorCode::interrupted, context.shutdown.signal());
  return counts.dead_letters > 0 ? k_exit_partly_done : k_exit_done;
}

}  // namespace

int run_replay_handle(const ReplayFlags& flags, ReplaySetup& setup, Context& context) {
  const bool numbered = flags.topics.empty();
  replay::ReplaySource& source = setup.source();
  const replay::HandledParts parts =
      numbered ? replay::number_parts(source, context.stop()) : source.cursor();
  if (parts.empty()) {
    context.notice("0 records replayed");
    return k_exit_done;
  }
  const replay::ReplayOptions chosen = setup.options();
  replay::HandledTransport transport(
      setup.transport(), source, parts,
      {.wanted = chosen.wanted, .pace = chosen.pace, .numbered = numbered, .cluster = setup.cluster()},
      context.clock);
  const pipeline::ConsumeOptions options = options_of(flags, parts, context);
  const HandlerKit kit(context, all_routes({}, context.settings()));
  const std::filesystem::path data_dir = options.data_dir;
  const auto open_store = [data_dir] { return store::open_store(data_dir, store::OpenMode::read_write); };
  pipeline::ResultWriter results(STDOUT_FILENO);
  const pipeline::ConsumeParts loop{transport, open_store, kit.registry(), results, context.clock};
  const pipeline::ConsumeResult result = pipeline::ConsumeLoop(loop, options).run(context.stop());
  results.finish();
  return conclude(result, context);
}

}  // namespace kbeat::app
