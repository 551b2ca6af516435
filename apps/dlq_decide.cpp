// Retries, archives and discards dead letters.
#include <fmt/format.h>

#include <algorithm>

#include "cmd_dlq.hpp"
#include "confirm.hpp"
#include "dlq_here.hpp"
#include "dlq_source.hpp"
#include "exit_code.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/dlq/letter_patch.hpp"
#include "kbeat/dlq/letter_retry.hpp"
#include "letter_editor.hpp"
#include "letter_ids.hpp"
#include "letter_progress.hpp"
#include "other_cluster.hpp"
#include "output.hpp"
#include "watch_kit.hpp"

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

using Counts = std::map<std::string, std::uint64_t>;

/// The most frequent first.
void add_counts(Listing& plan, const TopicName& dlq, const char* what, const Counts& counts) {
  std::vector<std::pair<std::string, std::uint64_t>> order(counts.begin(), counts.end());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [name, count] : order)
    plan.rows.push_back({Cell(dlq.get()), Cell(what), Cell(name), Cell(static_cast<std::int64_t>(count))});
}

/// What a dry run found: its result.
void add_plan(Listing& plan, const TopicName& dlq, const DeskReport& report) {
  Counts decided;
  for (const auto& [state, count] : report.decided) decided[std::string(pipeline::to_string(state))] = count;
  add_counts(plan, dlq, "state", decided);
  add_counts(plan, dlq, "target", report.targets);
  add_counts(plan, dlq, "error", report.reasons);
  add_counts(plan, dlq, "left", report.left);
}

/// `sent` is what became of copies: "went to" their topic, or what else was done with events of it.
void tell(const DeskReport& report, const TopicName& dlq, std::string_view sent, Context& context) {
  for (const auto& [state, count] : report.decided)
    context.notice(fmt::format("{}: {} letters {}", dlq.get(), count, pipeline::to_string(state)));
  for (const auto& [topic, count] : report.targets)
    context.notice(fmt::format("{}: {} letters {} {}", dlq.get(), count, sent, topic));
  for (const auto& [reason, count] : report.left)
    context.io.say(fmt::format("{}: {} letters left: {}", dlq.get(), count, reason));
}

/// What became of the letters, and of the ids that were given for them.
struct Decided {
  DeskReport report;
  IdsFound ids = IdsFound::all;
};

int exit_code_of(const Decided& decided) {
  if (decided.report.left_count() > 0 || decided.ids == IdsFound::some) return k_exit_partly_done;
  return decided.report.decided_count() > 0 ? k_exit_done : k_exit_not_found;
}

/// Who decides, and who brings copies there when they do not go with the states.
struct Judge {
  Decider decide;
  dlq::Courier courier{};
  std::string_view sent = "went to";  ///< what became of copies, before the name of their topic
};

/// `make` gives the judge for the place that is opened.
Decided decide(const DlqDecideFlags& flags, const std::string& question,
               const std::function<Judge(const DlqPlace&)>& make, Context& context) {
  if (!chooses(flags)) {
    throw Error(ErrorCode::usage,
                "say which letters: ids, --category, --error, --since, --where and the like, or --all");
  }
  if (!flags.dry_run && !flags.output.empty())
    throw Error(ErrorCode::usage, "--output is the form of the plan that --dry-run shows");
  dlq::DeskOptions options{.query = letter_query(flags.letters, context),
                           .per_second = flags.per_second,
                           .dry_run = flags.dry_run};
  if (!flags.dry_run) require_consent(context.io, question, flags.yes ? Consent::given : Consent::ask);
  WatchKit watchers(context, {}, Lifetime::bounded);
  const DlqPlace place(watchers.transport(), context, flags.dry_run ? StoreAccess::read : StoreAccess::write);
  Judge judge = make(place);
  options.courier = std::move(judge.courier);
  DeskReport total;
  dlq::NamedLetters named(flags.letters.ids);
  Listing plan{{"dlq", "what", "name", "letters"}, {}};
  for (const TopicName& topic : place.topics(flags.letters.dlq_topic)) {
    if (flags.letters.count) options.count = *flags.letters.count - total.decided_count();
    if (options.count == 0) break;
    LetterProgress progress(context, place.source().transport, topic, place.timeout());
    const Decider watched = [&](const SeenLetter& letter) {
      progress.at(letter);
      named.found(letter.id);
      return judge.decide(letter);
    };
    const DeskReport report =
        dlq::decide_letters(place.source(), topic, options, watched, context.clock, context.stop());
    if (flags.dry_run) {
      add_plan(plan, topic, report);
    } else {
      tell(report, topic, judge.sent, context);
    }
    total += report;
  }
  const bool none = total.decided_count() + total.left_count() == 0;
  if (none && flags.letters.ids.empty()) throw Error(ErrorCode::not_found, "no dead letter matches");
  const bool all_read = !flags.letters.count || total.decided_count() < *flags.letters.count;
  const IdsFound ids = tell_missing(named, {flags.letters, options.query, none, all_read}, place, context);
  if (flags.dry_run) print_listing(plan, output_form(flags.output, context.io), context.io.out());
  watchers.finish();
  return {std::move(total), ids};
}

int close_as(LetterState state, const DlqDecideFlags& flags, const std::string& question, Context& context) {
  const std::string reason =
      flags.reason.empty() ? fmt::format("{} by hand", pipeline::to_string(state)) : flags.reason;
  const auto make = [&](const DlqPlace&) -> Judge {
    return {[state, reason](const SeenLetter& letter) -> dlq::Verdict {
      if (letter.state == LetterState::pending) return dlq::Left{"not yet in its topic"};
      if (letter.spilled && state == LetterState::archived)
        return dlq::Left{fmt::format("its value is kept by host {}: archive it there", letter.host)};
      return Decision{state, reason};
    }};
  };
  return exit_code_of(decide(flags, question, make, context));
}

dlq::Editor editor_of(const DlqRetryFlags& flags, const Context& context) {
  if (flags.edit && !flags.patch.empty())
    throw Error(ErrorCode::usage, "--edit and --patch exclude each other");
  if (flags.edit) {
    return
        [data_dir = context.settings().transport.data_dir](
            const SeenLetter&, const std::optional<Bytes>& value) { return edit_in_editor(data_dir, value); };
  }
  if (flags.patch.empty()) return {};
  return [patch = dlq::JsonPatch(flags.patch)](const SeenLetter&, const std::optional<Bytes>& value) {
    return std::optional<Bytes>(patch.apply(value));
  };
}

dlq::RetryOptions retry_options(const DlqRetryFlags& flags, const Context& context) {
  const LetterFlags& letters = flags.decide.letters;
  const auto refuse_if = [](bool wrong, const char* why) {
    if (wrong) throw Error(ErrorCode::usage, why);
  };
  const bool archived_by_id = letters.state == "archived" && !letters.ids.empty();
  refuse_if(!letters.state.empty() && letters.state != "open" && !archived_by_id,
            "--state: open letters are retried, and archived ones that are named by id");
  refuse_if(flags.here && (!flags.to.empty() || !flags.to_brokers.empty()),
            "--here excludes --to and --to-brokers");
  dlq::RetryOptions options{.to = {}, .max_replays = flags.max_replays, .edit = editor_of(flags, context)};
  options.sends = !flags.here;
  options.to_other_cluster = !flags.to_brokers.empty();
  if (flags.to.empty()) return options;
  check_topic_name(flags.to);
  options.to = TopicName{flags.to};
  return options;
}

/// A letter that nobody here would handle stays open. `here` may be null.
dlq::Verdict unless_unhandled(dlq::Verdict verdict, const SeenLetter& letter, HereHandlers* here) {
  const auto* decision = std::get_if<Decision>(&verdict);
  if (here == nullptr || decision == nullptr || !decision->copy) return verdict;
  auto reason = here->obstacle(*decision->copy, letter.handler);
  return reason ? dlq::Verdict(dlq::Left{*std::move(reason)}) : std::move(verdict);
}

}  // namespace

int run_dlq_retry(const DlqRetryFlags& flags, Context& context) {
  const dlq::RetryOptions options = retry_options(flags, context);
  const auto other = flags.to_brokers.empty() ? nullptr : open_other_cluster(context, flags.to_brokers);
  std::unique_ptr<HereHandlers> here;
  const auto make = [&](const DlqPlace& place) -> Judge {
    transport::Transport& target = other ? *other : place.source().transport;
    if (flags.here) here = std::make_unique<HereHandlers>(target, flags.decide.letters.dlq_topic, context);
    const auto decider = std::make_shared<dlq::RetryDecider>(target, place.timeout(), options);
    return {[decider, handlers = here.get()](const SeenLetter& letter) {
              return unless_unhandled((*decider)(letter), letter, handlers);
            },
            other  ? cluster_courier(target, place.timeout())
            : here ? here->courier()
                   : dlq::Courier(),
            here ? "were handled here as events of" : "went to"};
  };
  const char* const question =
      flags.here ? "Handle these dead letters here?" : "Send these dead letters back?";
  const int code = exit_code_of(decide(flags.decide, question, make, context));
  if (!here || here->failed_again() == 0) return code;
  context.io.say(fmt::format("{} of them failed again and are dead letters anew", here->failed_again()));
  return k_exit_partly_done;
}

int run_dlq_archive(const DlqDecideFlags& flags, Context& context) {
  return close_as(LetterState::archived, flags, "Archive these dead letters?", context);
}

int run_dlq_discard(const DlqDecideFlags& flags, Context& context) {
  return close_as(LetterState::discarded, flags, "Discard these dead letters?", context);
}

}  // namespace kbeat::app
