// Looks at the DLQs in intervals and tells each growth.
#include "dlq_watch.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <deque>

#include "dlq_source.hpp"
#include "exit_code.hpp"
#include "kbeat/base/bounded_child.hpp"
#include "kbeat/base/child_process.hpp"
#include "kbeat/base/descriptor.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/dlq/letter_counter.hpp"
#include "output.hpp"
#include "program_check.hpp"

namespace kbeat::app {
namespace {

constexpr Milliseconds k_program_limit{60'000};

struct Watched {
  TopicName topic;
  dlq::LetterCounter counter;
};

std::string line_of(const Watched& watched, std::uint64_t came, WallTime now) {
  std::string line = "{\"dlq\":";
  append_json_string(line, watched.topic.get());
  return line + fmt::format(",\"open\":{},\"new\":{},\"at\":\"{}\"}}", watched.counter.open(), came,
                            to_rfc3339(now));
}

/// A program that cannot be run or fails is a warning: the watch goes on.
void run_program(const std::string& program, const std::string& line, const Context& context) {
  static const std::vector<std::string> k_kept{"PATH", "HOME", "LANG", "TZ"};
  const Descriptor input(::memfd_create("kbeat-watch", MFD_CLOEXEC));
  const std::string text = line + "\n";
  if (input.number() < 0 ||
      ::pwrite(input.number(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    throw Error(ErrorCode::io, "cannot make a file in memory");
  }
  try {
    const ChildReport report =
        run_child({.words = {program}, .environment = inherited_environment(k_kept), .input = input.number()},
                  context.clock.steady() + k_program_limit, context.stop());
    if (report.end != ChildEnd::exited || report.status != 0) log_warning("{} {}", program, end_text(report));
  } catch (const Error& error) {
    log_warning("{}", error.what());
  }
}

/// True when it was growth that ends the watch.
bool look(Watched& watched, const DlqWatchFlags& flags, Context& context) {
  const std::uint64_t came = watched.counter.update(context.stop());
  if (came == 0 || watched.counter.open() <= flags.above) return false;
  const std::string line = line_of(watched, came, context.clock.now());
  context.io.out().write(line + "\n");
  context.io.out().flush();
  if (!flags.program.empty()) run_program(flags.program, line, context);
  return flags.exit_on_growth;
}

std::vector<TopicName> watched_topics(const std::string& chosen) {
  if (chosen.empty()) return {TopicName{"analytics-dlq"}, TopicName{"dead.letter.queue"}};
  check_topic_name(chosen);
  return {TopicName{chosen}};
}

/// One look at all; a broker that is away is waited for.
bool look_at_all(std::deque<Watched>& all, const DlqWatchFlags& flags, Context& context) {
  try {
    for (Watched& watched : all) {
      if (look(watched, flags, context)) return true;
    }
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) return false;
    if (!error.retryable()) throw;
    log_warning("{}", error.what());
  }
  return false;
}

}  // namespace

int run_dlq_watch(const DlqWatchFlags& flags, Context& context) {
  const Milliseconds interval = parse_duration(flags.interval);
  if (interval < Milliseconds{10}) throw Error(ErrorCode::usage, "--interval: give at least 10ms");
  if (!flags.program.empty()) check_program("--exec", flags.program);
  const auto begun = context.clock.steady();
  const std::optional<Milliseconds> limit =
      flags.max_time.empty() ? std::nullopt : std::optional(parse_duration(flags.max_time));
  const DlqPlace place(context, StoreAccess::read);
  std::deque<Watched> all;
  for (const TopicName& topic : watched_topics(flags.dlq_topic)) {
    Watched& watched = all.emplace_back(Watched{topic, dlq::LetterCounter(place.source(), topic)});
    static_cast<void>(watched.counter.update(context.stop()));
    context.detail(fmt::format("{}: {} letters open", topic.get(), watched.counter.open()));
  }
  while (!context.stop().stop_requested()) {
    Milliseconds wait = interval;
    if (limit) {
      const auto left = std::chrono::ceil<Milliseconds>(begun + *limit - context.clock.steady());
      if (left <= Milliseconds{0}) return k_exit_done;
      wait = std::min(wait, left);
    }
    if (context.clock.wait(wait, context.stop()) == Waited::stopped) break;
    if (look_at_all(all, flags, context)) return k_exit_failed;
  }
  return k_exit_done;
}

}  // namespace kbeat::app
