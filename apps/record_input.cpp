// Keys, headers, null values and envelopes of input lines.
#include "record_input.hpp"

#include "kbeat/base/error.hpp"
#include "kbeat/model/names.hpp"

namespace kbeat::app {

RecordInput::RecordInput(RecordForm form) : m_form(std::move(form)) {
  for (const std::string& header : m_form.headers) {
    const std::string_view text = header;
    const std::size_t equals = text.find('=');
    if (equals == 0 || text.empty()) throw Error(ErrorCode::usage, "-H: a header needs a name: NAME=VALUE");
    const bool has_value = equals != std::string_view::npos;
    m_headers.push_back(
        {text.substr(0, equals),
         has_value ? std::optional<std::string_view>(text.substr(equals + 1)) : std::nullopt});
  }
}

void RecordInput::set_place(const std::optional<std::string>& key, std::optional<std::int32_t> partition) {
  if (m_form.key) return;  // it chooses the partition too
  m_form.key = key;
  if (!m_form.partition) m_form.partition = partition;
}

const RecordView& RecordInput::read(std::string_view line) {
  if (m_form.envelopes) {
    take_envelope(line);
  } else {
    take_plain(line);
  }
  if (!m_form.topic.empty()) m_record.topic = m_form.topic;
  if (m_form.partition) m_record.partition = Partition{*m_form.partition};
  if (m_form.key) m_record.key = *m_form.key;
  if (m_form.stamp_now) m_record.timestamp_type = TimestampType::none;
  if (m_form.empty_is_null && m_record.value && m_record.value->empty()) m_record.value.reset();
  if (m_form.empty_is_null && m_record.key && m_record.key->empty()) m_record.key.reset();
  if (m_form.trace || !m_form.correlation_id.empty()) add_trail();
  return m_record;
}

void RecordInput::take_envelope(std::string_view line) {
  m_record = m_envelopes.read(line);
  if (m_record.topic.empty() && m_form.topic.empty()) {
    throw Error(ErrorCode::bad_input, "there is no topic: name one on the command line or in the envelope");
  }
  add_headers(m_headers);
}

void RecordInput::add_headers(const std::vector<HeaderView>& more) {
  if (more.empty()) return;
  if (m_record.headers.data() != m_joined.data())
    m_joined.assign(m_record.headers.begin(), m_record.headers.end());
  m_joined.insert(m_joined.end(), more.begin(), more.end());
  m_record.headers = m_joined;
}

void RecordInput::add_trail() {
  std::vector<HeaderView> trail;
  const auto lacks = [this](std::string_view name) { return find_header(m_record.headers, name) == nullptr; };
  if (m_form.trace && lacks(names::k_traceparent)) {
    m_traceparent = to_traceparent(m_form.cause ? next_step(*m_form.cause) : start_trace());
    trail.push_back({names::k_traceparent, m_traceparent});
    if (!m_form.trace_state.empty()) trail.push_back({names::k_tracestate, m_form.trace_state});
  }
  if (!m_form.correlation_id.empty() && lacks(names::k_correlation_id))
    trail.push_back({names::k_correlation_id, m_form.correlation_id});
  add_headers(trail);
}

void RecordInput::take_plain(std::string_view line) {
  m_record =
      RecordView{.partition = Partition{-1}, .offset = Offset{-1}, .value = line, .headers = m_headers};
  if (m_form.key_delimiter.empty()) return;
  const std::size_t found = line.find(m_form.key_delimiter);
  if (found == std::string_view::npos) return;  // as kcat does: no delimiter, no key
  m_record.key = line.substr(0, found);
  m_record.value = line.substr(found + m_form.key_delimiter.size());
}

}  // namespace kbeat::app
