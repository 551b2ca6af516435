// The consume loop over a replay.
#include "replay_handle.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "consume_flags.hpp"
#include "exit_code.hpp"
#include "handler_kit.hpp"
#include "kbeat/pipeline/consume_loop.hpp"
#include "kbeat/pipeline/result_writer.hpp"
#include "kbeat/replay/handled_transport.hpp"
#include "progress.hpp"
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

/// Passes lines on and draws how many there were, where the lines themselves do not show it.
class ShownResults final : public pipeline::ResultSink {
 public:
  ShownResults(pipeline::ResultSink& inner, std::optional<std::uint64_t> total, const Context& context)
      : m_inner(inner),
        m_bar(context.io, context.clock, total, "records"),
        m_shown(!context.io.out_is_terminal() && context.settings().log.verbosity >= 0) {}

  void write(std::string_view lines) override {
    m_inner.write(lines);
    m_handled += static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
    if (m_shown && m_bar.is_due()) m_bar.show(m_handled);
  }
  [[nodiscard]] bool has_room() override { return m_inner.has_room(); }

 private:
  pipeline::ResultSink& m_inner;
  Progress m_bar;
  bool m_shown;
  std::uint64_t m_handled = 0;
};

/// How many results there will be, where that is known.
std::optional<std::uint64_t> expected(const replay::HandledParts& parts, const ReplayFlags& flags) {
  if (!flags.wanted.everything() || flags.count) return std::nullopt;
  std::uint64_t count = 0;
  for (const replay::CursorPart& part : parts) {
    if (!part.end) return std::nullopt;
    count += static_cast<std::uint64_t>(std::max<std::int64_t>(part.end->get() - part.next.get(), 0));
  }
  return count;
}

int conclude(const pipeline::ConsumeResult& result, const std::optional<Error>& fault,
             std::uint64_t passed_over, const Context& context) {
  const pipeline::ConsumeCounts& counts = result.counts;
  std::string line = fmt::format("{} records replayed: {} done, {} dead-lettered", counts.read, counts.done,
                                 counts.dead_letters);
  if (counts.duplicates > 0)
    line += fmt::format(", {} applied before (--force applies them again)", counts.duplicates);
  if (counts.unhandled > 0) line += fmt::format(", {} unhandled", counts.unhandled);
  if (passed_over > 0) line += fmt::format(", {} passed over", passed_over);
  context.notice(line);
  if (result.end == pipeline::ConsumeEnd::stopped)
    return exit_code(ErrorCode::interrupted, context.shutdown.signal());
  if (fault) throw Error(*fault);
  return counts.dead_letters + passed_over > 0 ? k_exit_partly_done : k_exit_done;
}

}  // namespace

int run_replay_handle(const ReplayFlags& flags, ReplaySetup& setup, Context& context) {
  const bool numbered = flags.topics.empty();
  replay::ReplaySource& source = setup.source();
  const replay::HandledParts parts =
      numbered ? replay::number_parts(source, context.stop()) : source.cursor();
  if (parts.empty()) {
    const std::uint64_t passed_over = source.passed_over();
    context.notice(passed_over > 0 ? fmt::format("0 records replayed, {} passed over", passed_over)
                                   : "0 records replayed");
    return passed_over > 0 ? k_exit_partly_done : k_exit_done;
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
  ShownResults shown(results, expected(parts, flags), context);
  const pipeline::ConsumeParts loop{transport, open_store,    kit.registry(),
                                    shown,     context.clock, setup.watch()};
  const pipeline::ConsumeResult result = pipeline::ConsumeLoop(loop, options).run(context.stop());
  results.finish();
  setup.finish();
  // A source is read ahead, so its fault may lie behind the records that were asked for.
  const bool has_enough = flags.count && result.counts.read >= *flags.count;
  return conclude(result, has_enough ? std::nullopt : source.fault(), source.passed_over(), context);
}

}  // namespace kbeat::app
