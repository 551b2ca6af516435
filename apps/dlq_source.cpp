// Opens transport and store for the dlq commands and reads their flags.
#include "dlq_source.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/scratch_folder.hpp"
#include "registry_values.hpp"

namespace kbeat::app {
namespace {

constexpr Milliseconds k_letters_patience{30'000};

/// RFC 3339, a date, or a span before now.
std::optional<WallTime> moment_of(const char* flag, const std::string& text, WallTime now) {
  if (text.empty()) return std::nullopt;
  const bool has_date = text.size() >= 10 && text[4] == '-';
  try {
    return has_date ? parse_rfc3339(text) : now - parse_duration(text);
  } catch (const Error& error) {
    throw Error(ErrorCode::usage, fmt::format("{}: {}", flag, error.what()));
  }
}

/// Nothing for every state.
std::optional<dlq::LetterState> state_of(const std::string& text) {
  if (text == "all") return std::nullopt;
  try {
    return pipeline::parse_letter_state(text);
  } catch (const Error&) {
    throw Error(ErrorCode::usage,
                fmt::format("--state: \"{}\" is none of open, pending, retried, archived, discarded and all",
                            escape_for_terminal(text, 40)));
  }
}

void set_category(dlq::LetterQuery& query, const std::string& text) {
  if (text.empty()) return;
  for (const auto kind : {dlq::LetterKind::foreign, dlq::LetterKind::damaged}) {
    if (text == dlq::to_string(kind)) {
      query.without_category = kind;
      return;
    }
  }
  try {
    query.category = parse_failure_category(text);
  } catch (const Error&) {
    throw Error(ErrorCode::usage,
                fmt::format("--category: \"{}\" is none of deserialization, schema, processing, timeout, "
                            "dependency, crash, foreign and damaged",
                            escape_for_terminal(text, 40)));
  }
}

}  // namespace

DlqPlace::DlqPlace(const Context& context, StoreAccess access)
    : m_own(connect_transport(context)),
      m_transport(*m_own),
      m_timeout(context.settings().timeout.value_or(k_letters_patience)) {
  open(context, access);
}

DlqPlace::DlqPlace(transport::Transport& transport, const Context& context, StoreAccess access)
    : m_transport(transport), m_timeout(context.settings().timeout.value_or(k_letters_patience)) {
  open(context, access);
}

void DlqPlace::open(const Context& context, StoreAccess access) {
  const std::filesystem::path& data_dir = context.settings().transport.data_dir;
  remove_orphaned_scratch(data_dir);
  if (access == StoreAccess::write) {
    m_store = store::open_store(data_dir, store::OpenMode::read_write);
  } else if (std::filesystem::exists(data_dir / "store.db")) {
    m_store = store::open_store(data_dir, store::OpenMode::read_only);
  }
  m_source.emplace(dlq::DlqSource{.transport = m_transport,
                                  .outbox = m_store ? &m_store->outbox() : nullptr,
                                  .archive = m_store ? &m_store->letters() : nullptr,
                                  .timeout = m_timeout});
}

bool DlqPlace::exists(const TopicName& topic) const {
  try {
    static_cast<void>(m_transport.make_topic_admin(m_timeout)->topic(topic));
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    return false;
  }
}

std::vector<TopicName> DlqPlace::topics(const std::string& chosen) const {
  std::vector<TopicName> wanted{TopicName{"analytics-dlq"}, TopicName{"dead.letter.queue"}};
  if (!chosen.empty()) {
    check_topic_name(chosen);
    wanted = {TopicName{chosen}};
  }
  std::vector<TopicName> there;
  std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(there),
               [&](const TopicName& topic) { return exists(topic) || dlq::has_archived(*m_source, topic); });
  if (!there.empty()) return there;
  if (m_store) {
    const store::OutboxCounts owed = m_store->outbox().counts();
    if (owed.waiting_letters + owed.parked > 0) return wanted;
  }
  throw Error(ErrorCode::not_found,
              chosen.empty()
                  ? "no dead letters: neither analytics-dlq nor dead.letter.queue exists; name another with "
                    "--dlq-topic"
                  : fmt::format("topic {} does not exist; see kbeat topics list", chosen));
}

dlq::LetterQuery letter_query(const LetterFlags& flags, const Context& context) {
  dlq::LetterQuery query{.ids = flags.ids, .error_pattern = flags.error};
  if (!flags.state.empty()) query.state = state_of(flags.state);
  set_category(query, flags.category);
  query.since = moment_of("--since", flags.since, context.clock.now());
  query.until = moment_of("--until", flags.until, context.clock.now());
  if (query.since && query.until && *query.since >= *query.until)
    throw Error(ErrorCode::usage, "--since and --until: the range ends before it begins");
  if (!flags.wanted.everything()) {
    const auto wanted = std::make_shared<filter::Filter>(flags.wanted);
    const auto decoder = std::make_shared<ValueDecoder>(registry_codec(context));
    query.filter = [wanted, decoder](const RecordView& original) {
      return wanted->matches((*decoder)(original));
    };
  }
  query.reading.origin_header = flags.origin_header;
  return query;
}

}  // namespace kbeat::app
