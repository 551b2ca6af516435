// Reads kbeat.dlq headers and bodies back.
#include "kbeat/model/letter_facts.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <charconv>

#include "kbeat/base/base64.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/hash.hpp"
#include "kbeat/model/dead_letter_headers.hpp"
#include "kbeat/model/names.hpp"

namespace kbeat {
namespace {

[[noreturn]] void damaged(std::string_view what) {
  throw Error(ErrorCode::bad_input, fmt::format("the dead letter is damaged: {}", what));
}

enum class Fact : std::size_t {
  topic,
  partition,
  offset,
  timestamp,
  cluster,
  group,
  handler,
  category,
  error,
  attempts,
  replays,
  first_failed_at,
  failed_at,
  encoding,
  length,
  sha256,
  event_id,
  root,
  spilled,
  host,
  count
};

/// In the order of Fact.
constexpr std::array<std::string_view, static_cast<std::size_t>(Fact::count)> k_fact_names{
    "topic",    "partition", "offset",   "timestamp", "cluster",         "group",     "handler",
    "category", "error",     "attempts", "replays",   "first-failed-at", "failed-at", "encoding",
    "length",   "sha256",    "event-id", "root",      "spilled",         "host"};

/// The values of the kbeat.dlq headers, the last of each name.
class Table {
 public:
  explicit Table(std::span<const HeaderView> headers) {
    std::size_t expected = 0;  // they mostly stand in the order of the names
    for (const HeaderView& header : headers) {
      if (!header.name.starts_with(names::k_dlq_prefix)) continue;
      const std::string_view name = header.name.substr(names::k_dlq_prefix.size());
      for (std::size_t step = 0; step < k_fact_names.size(); ++step) {
        const std::size_t fact = (expected + step) % k_fact_names.size();
        if (k_fact_names[fact] != name) continue;
        m_values[fact] = header.value;
        expected = fact + 1;
        break;
      }
    }
  }

  [[nodiscard]] const std::optional<std::string_view>& find(Fact fact) const {
    return m_values[static_cast<std::size_t>(fact)];
  }
  [[nodiscard]] std::string_view text(Fact fact) const { return find(fact).value_or(""); }
  template <typename Number>
  [[nodiscard]] Number number(Fact fact) const {
    const std::string_view digits = text(fact);
    Number value = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (result.ec == std::errc{} && result.ptr == digits.data() + digits.size()) return value;
    damaged(fmt::format("header {}{} is no number: \"{}\"", names::k_dlq_prefix,
                        k_fact_names[static_cast<std::size_t>(fact)], escape_for_terminal(digits, 80)));
  }

 private:
  std::array<std::optional<std::string_view>, static_cast<std::size_t>(Fact::count)> m_values;
};

simdjson::dom::element parse_document(simdjson::dom::parser& parser, std::string_view body) {
  simdjson::dom::element document;
  if (parser.parse(body.data(), body.size()).get(document) != simdjson::SUCCESS)
    damaged("its body is no JSON");
  return document;
}

/// The string that stands in the body's originalEvent.
std::string original_string(std::string_view body) {
  simdjson::dom::parser parser;
  std::string_view text;
  if (parse_document(parser, body)["originalEvent"].get(text) != simdjson::SUCCESS)
    damaged("originalEvent is no string");
  return std::string(text);
}

/// True for the forms whose body is the original value itself.
bool keeps_value(std::string_view body, const LetterFacts& facts) {
  return body.size() == facts.length && to_hex(sha256(body)) == facts.sha256;
}

std::string_view spliced_value(std::string_view body, std::size_t length) {
  if (!body.starts_with(k_letter_opening) || body.size() - k_letter_opening.size() < length)
    damaged("its body is cut short");
  return body.substr(k_letter_opening.size(), length);
}

std::string_view trimmed(std::string_view json) {
  const std::size_t last = json.find_last_not_of(" \t\r\n");
  return json.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

void check_original(std::string_view value, const LetterFacts& facts) {
  if (value.size() != facts.length) damaged("its length differs");
  if (to_hex(sha256(value)) != facts.sha256) damaged("its SHA-256 differs");
}

}  // namespace

std::string letter_identity(const LetterFacts& facts) {
  return fmt::format("{}/{}/{}/{}/{}", facts.cluster, facts.group, facts.topic, facts.partition.get(),
                     facts.offset.get());
}

std::optional<LetterFacts> find_letter_facts(std::span<const HeaderView> headers) {
  const Table table(headers);
  if (!table.find(Fact::encoding) || !table.find(Fact::topic)) return std::nullopt;
  LetterFacts facts;
  facts.cluster = table.text(Fact::cluster);
  facts.group = table.text(Fact::group);
  facts.topic = table.text(Fact::topic);
  facts.handler = table.text(Fact::handler);
  facts.error = table.text(Fact::error);
  facts.first_failed_at = table.text(Fact::first_failed_at);
  facts.failed_at = table.text(Fact::failed_at);
  facts.encoding = table.text(Fact::encoding);
  facts.sha256 = table.text(Fact::sha256);
  facts.event_id = table.text(Fact::event_id);
  facts.root = table.text(Fact::root);
  facts.spilled = table.find(Fact::spilled).has_value();
  facts.host = table.text(Fact::host);
  facts.partition = Partition{table.number<std::int32_t>(Fact::partition)};
  facts.offset = Offset{table.number<std::int64_t>(Fact::offset)};
  facts.timestamp = WallTime{Milliseconds{table.number<std::int64_t>(Fact::timestamp)}};
  facts.category = parse_failure_category(table.text(Fact::category));
  facts.attempts = table.number<int>(Fact::attempts);
  facts.replays = table.number<int>(Fact::replays);
  facts.length = table.number<std::size_t>(Fact::length);
  return facts;
}

std::optional<std::string_view> original_value(const RecordView& record, const LetterFacts& facts,
                                               std::string& decoded) {
  if (facts.encoding == "null" || facts.spilled) return std::nullopt;
  if (!record.value) damaged("it has no body");
  const std::string_view body = *record.value;
  if (keeps_value(body, facts)) return body;  // which may look like a letter's body itself
  if (facts.encoding == "json") {
    const std::string_view value = spliced_value(body, facts.length);
    check_original(value, facts);
    return value;
  }
  if (facts.encoding != "text" && facts.encoding != "base64")
    damaged(fmt::format("unknown encoding \"{}\"", escape_for_terminal(facts.encoding, 40)));
  decoded = original_string(body);
  if (facts.encoding == "base64") {
    std::optional<Bytes> bytes = decode_base64(decoded);
    if (!bytes) damaged("originalEvent is no base64");
    decoded = std::move(*bytes);
  }
  check_original(decoded, facts);
  return decoded;
}

std::optional<LetterBody> find_letter_body(std::string_view value) {
  if (value.find("\"originalEvent\"") == std::string_view::npos) return std::nullopt;
  thread_local simdjson::ondemand::parser parser;
  thread_local std::string padded;
  padded.assign(value);
  padded.append(simdjson::SIMDJSON_PADDING, '\0');
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  const simdjson::padded_string_view text(padded.data(), value.size(), padded.size());
  if (parser.iterate(text).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  LetterBody body;
  bool found = false;
  for (auto field : object) {
    simdjson::ondemand::field entry;
    std::string_view name;
    std::string_view raw;
    if (std::move(field).get(entry) != simdjson::SUCCESS ||
        entry.unescaped_key().get(name) != simdjson::SUCCESS)
      return std::nullopt;
    if (name == "originalEvent") {
      if (simdjson::to_json_string(entry.value()).get(raw) != simdjson::SUCCESS) return std::nullopt;
      body.event = trimmed(value.substr(static_cast<std::size_t>(raw.data() - padded.data()), raw.size()));
      found = true;
    } else if (name == "error") {
      if (entry.value().get_string().get(raw) == simdjson::SUCCESS) body.error = raw;
    } else if (name == "timestamp") {
      if (entry.value().get_string().get(raw) == simdjson::SUCCESS) body.timestamp = raw;
    }
  }
  if (!found) return std::nullopt;
  if (body.event.starts_with('"')) body.text = original_string(value);
  return body;
}

}  // namespace kbeat
