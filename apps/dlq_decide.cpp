// Retries, archives and discards dead letters.
#include <fmt/format.h>

#include <algorithm>

#include "cmd_dlq.hpp"
#include "confirm.hpp"
#include "dlq_source.hpp"
#include "exit_code.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/dlq/letter_patch.hpp"
#include "kbeat/dlq/letter_retry.hpp"
#include "letter_editor.hpp"

namespace kbeat::app {
namespace {

using dlq::Decider;
using dlq::Decision;
using dlq::DeskReport;
using dlq::LetterState;
using dlq::SeenLetter;

bool chooses(const DlqDecideFlags& flags) {
  const LetterFlags& letters = flags.letters;
  return flags.all || !letters.ids.empty() || !letters.category.empty() || !letters.error.empty() ||
         !letters.since.empty() || !letters.until.empty() || !letters.wanted.everything();
}

/// The most frequent first.
void tell_histogram(const std::map<std::string, std::uint64_t>& counts, const char* what, Context& context) {
  constexpr std::size_t k_most = 20;
  std::vector<std::pair<std::string, std::uint64_t>> order(counts.begin(), counts.end());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  for (std::size_t i = 0; i < order.size() && i < k_most; ++i)
    context.io.say(fmt::format("  {:>8}  {} {}", order[i].second, what, order[i].first));
  if (order.size() > k_most) context.io.say(fmt::format("  and {} more", order.size() - k_most));
}

void tell(const DeskReport& report, const TopicName& dlq, const DlqDecideFlags& flags, Context& context) {
  for (const auto& [state, count] : report.decided) {
    context.notice(fmt::format("{}: {} letters {}{}", dlq.get(), count, flags.dry_run ? "would be " : "",
                               pipeline::to_string(state)));
  }
  for (const auto& [topic, count] : report.targets) {
    context.notice(fmt::format("{}: {} letters {} {}", dlq.get(), count,
                               flags.dry_run ? "would go to" : "went to", topic));
  }
  if (flags.dry_run) tell_histogram(report.reasons, "failed with:", context);
  for (const auto& [reason, count] : report.left)
    context.io.say(fmt::format("{}: {} letters left: {}", dlq.get(), count, reason));
}

int exit_code_of(const DeskReport& report) {
  if (report.left_count() > 0) return k_exit_partly_done;
  return report.decided_count() > 0 ? k_exit_done : k_exit_not_found;
}

/// `make` gives the decider for the place that is opened.
int decide(const DlqDecideFlags& flags, const std::string& question,
           const std::function<Decider(const DlqPlace&)>& make, Context& context) {
  if (!chooses(flags)) {
    throw Error(ErrorCode::usage,
                "say which letters: ids, --category, --error, --since, --where and the like, or --all");
  }
  dlq::DeskOptions options{.query = letter_query(flags.letters, context),
                           .per_second = flags.per_second,
                           .dry_run = flags.dry_run};
  if (flags.letters.count > 0) options.count = flags.letters.count;
  if (!flags.dry_run) require_consent(context.io, question, flags.yes ? Consent::given : Consent::ask);
  const DlqPlace place(context, flags.dry_run ? StoreAccess::read : StoreAccess::write);
  const Decider decider = make(place);
  DeskReport total;
  for (const TopicName& topic : place.topics(flags.letters.dlq_topic)) {
    const DeskReport report =
        dlq::decide_letters(place.source(), topic, options, decider, context.clock, context.stop());
    tell(report, topic, flags, context);
    total += report;
  }
  if (total.decided_count() + total.left_count() == 0) {
    throw Error(ErrorCode::not_found, flags.letters.ids.empty() ? std::string("no dead letter matches")
                                                                : fmt::format("no such dead letter: {}",
                                                                              flags.letters.ids.front()));
  }
  return exit_code_of(total);
}

int close_as(LetterState state, const DlqDecideFlags& flags, const std::string& question, Context& context) {
  const std::string reason =
      flags.reason.empty() ? fmt::format("{} by hand", pipeline::to_string(state)) : flags.reason;
  const auto make = [&](const DlqPlace&) -> Decider {
    return [state, reason](const SeenLetter& letter) -> dlq::Verdict {
      if (letter.state == LetterState::pending) return dlq::Left{"not yet in its topic"};
      return Decision{state, reason};
    };
  };
  return decide(flags, question, make, context);
}

dlq::Editor editor_of(const DlqRetryFlags& flags) {
  if (flags.edit && !flags.patch.empty())
    throw Error(ErrorCode::usage, "--edit and --patch exclude each other");
  if (flags.edit) return edit_in_editor;
  if (flags.patch.empty()) return {};
  return [patch = dlq::JsonPatch(flags.patch)](const SeenLetter&, const std::optional<Bytes>& value) {
    return std::optional<Bytes>(patch.apply(value));
  };
}

}  // namespace

int run_dlq_retry(const DlqRetryFlags& flags, Context& context) {
  const std::string& state = flags.decide.letters.state;
  if (!state.empty() && state != "open" && !(state == "archived" && !flags.decide.letters.ids.empty())) {
    throw Error(ErrorCode::usage,
                "--state: open letters are retried, and archived ones that are named by id");
  }
  dlq::RetryOptions options{.to = {}, .max_replays = flags.max_replays, .edit = editor_of(flags)};
  if (!flags.to.empty()) {
    check_topic_name(flags.to);
    options.to = TopicName{flags.to};
  }
  const auto make = [&](const DlqPlace& place) -> Decider {
    const auto decider =
        std::make_shared<dlq::RetryDecider>(place.source().transport, place.timeout(), options);
    return [decider](const SeenLetter& letter) { return (*decider)(letter); };
  };
  return decide(flags.decide, "Send these dead letters back?", make, context);
}

int run_dlq_archive(const DlqDecideFlags& flags, Context& context) {
  return close_as(LetterState::archived, flags, "Archive these dead letters?", context);
}

int run_dlq_discard(const DlqDecideFlags& flags, Context& context) {
  return close_as(LetterState::discarded, flags, "Discard these dead letters?", context);
}

}  // namespace kbeat::app
