// A record on its way to live clients: read once, framed once in each form that somebody wants.
#include "kbeat/server/live_record.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include "kbeat/model/event.hpp"

namespace kbeat::server {
namespace {

constexpr std::size_t k_most_in_id = 64;
constexpr std::size_t k_longest_value = 32u << 20;

bool wants(const WantedForms& wanted, LiveForm form) {
  return wanted[static_cast<std::size_t>(form)];
}

}  // namespace

void PositionTrail::set(const TopicPartition& partition, Offset next) {
  m_next[partition] = next;
}

std::string PositionTrail::id_of(const RecordView& record) const {
  std::string id = fmt::format("{}/{}/{}", record.topic, record.partition.get(), record.offset.get());
  if (m_next.size() > k_most_in_id) return id;
  for (const auto& [partition, next] : m_next) {
    if (partition.topic.get() == record.topic && partition.partition == record.partition) continue;
    fmt::format_to(std::back_inserter(id), ",{}/{}/{}", partition.topic.get(), partition.partition.get(),
                   next.get());
  }
  return id;
}

std::string event_text(std::string_view id, std::string_view data) {
  std::string text = fmt::format("id: {}\n", id);
  while (true) {
    const std::size_t end = data.find_first_of("\r\n");
    text += "data: ";
    text += data.substr(0, end);
    text += '\n';
    if (end == std::string_view::npos) break;
    const bool pair = data.substr(end, 2) == "\r\n";
    data.remove_prefix(end + (pair ? 2 : 1));
  }
  return text + '\n';
}

struct RecordFramer::Reader {
  simdjson::dom::parser parser;

  Reader() : parser(k_longest_value) { std::ignore = parser.allocate(64u << 10, k_max_json_depth); }

  /// False when the value is not JSON.
  bool read(std::string_view value, std::optional<std::string>& device) {
    simdjson::dom::element document;
    if (value.empty() || parser.parse(value.data(), value.size(), true).get(document) != simdjson::SUCCESS)
      return false;
    simdjson::dom::element id;
    if (document["data"]["DEVICE_ID"].get(id) != simdjson::SUCCESS) return true;
    std::string_view text;
    if (id.get_string().get(text) == simdjson::SUCCESS) {
      device = text;
    } else if (id.is_int64() || id.is_uint64()) {
      device = simdjson::minify(id);
    }
    return true;
  }
};

RecordFramer::RecordFramer() : m_reader(std::make_unique<Reader>()), m_envelopes(PayloadForm::json) {}

RecordFramer::~RecordFramer() = default;

std::shared_ptr<const LiveRecord> RecordFramer::make(KeptRecord kept, const WantedForms& wanted,
                                                     PositionTrail& trail) {
  auto made = std::make_shared<LiveRecord>();
  static_cast<KeptRecord&>(*made) = std::move(kept);
  const RecordView& record = made->view;
  trail.set({TopicName{std::string(record.topic)}, record.partition}, Offset{record.offset.get() + 1});
  const std::string_view value = record.value.value_or(std::string_view());
  made->malformed = !m_reader->read(value, made->device);
  if (made->malformed) return made;
  std::string envelope;
  if (wants(wanted, LiveForm::envelope_message) || wants(wanted, LiveForm::envelope_event))
    m_envelopes.append(envelope, record);
  const auto add = [&](LiveForm form, auto text) {
    if (!wants(wanted, form)) return;
    made->frames[static_cast<std::size_t>(form)] =
        make_frame(text(), FrameOrigin{made->slot, record.offset.get()});
  };
  add(LiveForm::raw_message, [&] { return frame(Opcode::text, value); });
  add(LiveForm::envelope_message, [&] { return frame(Opcode::text, envelope); });
  add(LiveForm::raw_event, [&] { return event_text(trail.id_of(record), value); });
  add(LiveForm::envelope_event, [&] { return event_text(trail.id_of(record), envelope); });
  return made;
}

}  // namespace kbeat::server
