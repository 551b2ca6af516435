// Shows and counts dead letters, one at a time.
#include <array>
#include <map>

#include "cmd_dlq.hpp"
#include "dlq_source.hpp"
#include "exit_code.hpp"
#include "kbeat/dlq/error_patterns.hpp"
#include "kbeat/model/envelope_writer.hpp"
#include "letter_ids.hpp"
#include "row_printer.hpp"

namespace kbeat::app {
namespace {

using dlq::LetterKind;
using dlq::SeenLetter;

/// Thrown through the reading of a topic once enough letters were shown.
struct Enough {};

const std::vector<std::string>& letter_columns() {
  static const std::vector<std::string> columns{
      "id",       "state",   "kind",    "form",  "dlq",       "topic",    "category",   "error",
      "attempts", "replays", "handler", "group", "failed_at", "event_id", "decided_at", "reason"};
  return columns;
}

Cell text_or_null(std::string_view text) {
  return text.empty() ? Cell() : Cell(std::string(text));
}

Row row_of(const SeenLetter& letter, const TopicName& topic) {
  const bool damaged = letter.kind == LetterKind::damaged;
  return {Cell(letter.id),
          Cell(std::string(pipeline::to_string(letter.state))),
          Cell(std::string(dlq::to_string(letter.kind))),
          damaged ? Cell() : Cell(std::string(dlq::to_string(letter.form))),
          Cell(topic.get()),
          text_or_null(letter.topic),
          letter.category ? Cell(std::string(to_string(*letter.category))) : Cell(),
          text_or_null(damaged ? letter.fault : letter.error),
          letter.attempts ? Cell(*letter.attempts) : Cell(),
          Cell(letter.replays),
          text_or_null(letter.handler),
          text_or_null(letter.group),
          text_or_null(letter.failed_at),
          text_or_null(letter.event_id),
          text_or_null(letter.decided_at),
          text_or_null(letter.decision_reason)};
}

/// Calls `sink` for the letters of every topic that was asked for; returns the exit code: ids that are not
/// there are told.
int each_letter(const LetterFlags& flags, Context& context,
                const std::function<void(const SeenLetter&, const TopicName&)>& sink) {
  const DlqPlace place(context, StoreAccess::read);
  dlq::LetterQuery query = letter_query(flags, context);
  if (!flags.ids.empty() && flags.state.empty()) query.state.reset();  // what is named is wanted as it is
  if (flags.count == 0) return k_exit_done;
  std::uint64_t found = 0;
  dlq::NamedLetters named(flags.ids);
  try {
    for (const TopicName& topic : place.topics(flags.dlq_topic)) {
      dlq::view_letters(place.source(), topic, query, context.stop(), [&](const SeenLetter& letter) {
        sink(letter, topic);
        named.found(letter.id);
        if (++found == flags.count) throw Enough{};
      });
    }
  } catch (const Enough&) {
  }
  const bool all_read = !flags.count || found < *flags.count;
  const IdsFound ids = tell_missing(named, {flags, query, found == 0, all_read}, place, context);
  return ids == IdsFound::all ? k_exit_done : k_exit_partly_done;
}

int show_patterns(const DlqInspectFlags& flags, Context& context) {
  const OutputForm form = output_form(flags.output, context.io);
  dlq::ErrorPatterns patterns;
  const int code = each_letter(flags.letters, context, [&](const SeenLetter& letter, const TopicName&) {
    patterns.add(letter.kind == LetterKind::damaged ? letter.fault : letter.error, letter.id,
                 letter.record.timestamp);
  });
  Listing listing{{"pattern", "count", "first", "last", "sample", "sample_id"}, {}};
  for (const auto& [pattern, group] : patterns.groups()) {
    listing.rows.push_back({Cell(pattern), Cell(static_cast<std::int64_t>(group.count)),
                            Cell(to_rfc3339(group.first)), Cell(to_rfc3339(group.last)), Cell(group.sample),
                            Cell(group.sample_id)});
  }
  print_listing(listing, form, context.io.out());
  return code;
}

int show_envelopes(const DlqInspectFlags& flags, Context& context) {
  EnvelopeWriter envelopes(PayloadForm::text);
  Output& out = context.io.out();
  return each_letter(flags.letters, context, [&](const SeenLetter& letter, const TopicName&) {
    std::string line;
    envelopes.append(line, letter.record);
    out.write(line + "\n");
  });
}

}  // namespace

int run_dlq_inspect(const DlqInspectFlags& flags, Context& context) {
  if (flags.patterns) return show_patterns(flags, context);
  if (flags.envelopes) return show_envelopes(flags, context);
  RowPrinter printer(letter_columns(), output_form(flags.output, context.io), context.io.out());
  const int code = each_letter(flags.letters, context, [&](const SeenLetter& letter, const TopicName& topic) {
    printer.add(row_of(letter, topic));
  });
  printer.finish();
  return code;
}

int run_dlq_stats(const DlqStatsFlags& flags, Context& context) {
  std::map<std::array<std::string, 3>, std::int64_t> counts;
  LetterFlags all;
  all.dlq_topic = flags.dlq_topic;
  all.state = "all";
  const int code = each_letter(all, context, [&](const SeenLetter& letter, const TopicName& topic) {
    const std::string_view name = letter.category ? to_string(*letter.category) : dlq::to_string(letter.kind);
    ++counts[{topic.get(), std::string(pipeline::to_string(letter.state)), std::string(name)}];
  });
  Listing listing{{"dlq", "state", "category", "count"}, {}};
  for (const auto& [name, count] : counts) {
    listing.rows.push_back({Cell(name[0]), Cell(name[1]), Cell(name[2]), Cell(count)});
  }
  print_listing(listing, output_form(flags.output, context.io), context.io.out());
  return code;
}

}  // namespace kbeat::app
