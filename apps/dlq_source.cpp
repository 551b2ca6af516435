// Opens transport and store for the dlq commands and reads their flags.
#include "dlq_source.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kbeat/base/error.hpp"
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
               [&](const TopicName& topic) { return exists(topic); });
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
  if (flags.state == "all") {
    query.state.reset();
  } else if (!flags.state.empty()) {
    query.state = pipeline::parse_letter_state(flags.state);
  }
  if (flags.category == dlq::to_string(dlq::LetterKind::foreign)) {
    query.without_category = dlq::LetterKind::foreign;
  } else if (flags.category == dlq::to_string(dlq::LetterKind::damaged)) {
    query.without_category = dlq::LetterKind::damaged;
  } else if (!flags.category.empty()) {
    try {
      query.category = parse_failure_category(flags.category);
    } catch (const Error& error) {
      throw Error(ErrorCode::usage, fmt::format("--category: {}", error.what()));
    }
  }
  query.since = moment_of("--since", flags.since, context.clock.now());
  query.until = moment_of("--until", flags.until, context.clock.now());
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
