// Sending, reports and the end of a producer.
#include "kbeat/transport/kafka/record_sender.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "kbeat/base/log.hpp"
#include "kbeat/transport/kafka/kafka_errors.hpp"

namespace kbeat::transport {
namespace {

constexpr Milliseconds k_end_limit{2000};
/// How long a flush lets librdkafka hurry before it looks for reports.
constexpr int k_hurry_ms = 1;
constexpr Milliseconds k_flush_slice{10};

bool is_taken_back(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__PURGE_QUEUE || code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
}

/// True when the record had its number already, by which the broker knows what follows. Codes below zero are
/// librdkafka's own, and a topic that is gone knows no numbers.
bool leaves_gap(rd_kafka_resp_err_t code) {
  const bool refused = code > RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
  return refused || code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
}

/// librdkafka copies the bytes and changes nothing, though its signature does not say so. Null stays null,
/// and empty must not be null.
rd_kafka_vu_t bytes_argument(rd_kafka_vtype_t type, const std::optional<std::string_view>& bytes) {
  rd_kafka_vu_t argument{};
  argument.vtype = type;
  if (!bytes) return argument;
  argument.u.mem.ptr = const_cast<char*>(bytes->data() != nullptr ? bytes->data() : "");
  argument.u.mem.size = bytes->size();
  return argument;
}

HeadersHandle to_headers(std::span<const HeaderView> views) {
  if (views.empty()) return nullptr;
  HeadersHandle headers(rd_kafka_headers_new(views.size()));
  for (const HeaderView& view : views) {
    const void* value = !view.value ? nullptr : view.value->data() != nullptr ? view.value->data() : "";
    const auto size = static_cast<ssize_t>(view.value ? view.value->size() : 0);
    rd_kafka_header_add(headers.get(), view.name.data(), static_cast<ssize_t>(view.name.size()), value, size);
  }
  return headers;
}

/// librdkafka stamps a record of time 0 with the present; the millisecond after it is the nearest to be had.
std::int64_t stamp_of(const RecordView& record) {
  if (record.timestamp_type == TimestampType::none) return 0;
  const std::int64_t stamp = record.timestamp.time_since_epoch().count();
  return stamp == 0 ? 1 : stamp;
}

struct Message {
  rd_kafka_topic_t* topic;
  const RecordView& record;
  std::uint64_t tag;
};

/// The library owns the headers once it has accepted the message.
ErrorHandle produce(rd_kafka_t* client, const Message& message, HeadersHandle headers) {
  const RecordView& record = message.record;
  std::array<rd_kafka_vu_t, 8> arguments{};
  arguments[0].vtype = RD_KAFKA_VTYPE_RKT;
  arguments[0].u.rkt = message.topic;
  arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  arguments[1].u.i32 = record.partition.get() < 0 ? RD_KAFKA_PARTITION_UA : record.partition.get();
  arguments[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  arguments[2].u.i = RD_KAFKA_MSG_F_COPY;
  arguments[3] = bytes_argument(RD_KAFKA_VTYPE_VALUE, record.value);
  arguments[4] = bytes_argument(RD_KAFKA_VTYPE_KEY, record.key);
  arguments[5].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  arguments[5].u.i64 = stamp_of(record);
  arguments[6].vtype = RD_KAFKA_VTYPE_OPAQUE;
  arguments[6].u.ptr = reinterpret_cast<void*>(message.tag);
  arguments[7].vtype = RD_KAFKA_VTYPE_HEADERS;
  arguments[7].u.headers = headers.get();
  ErrorHandle error(rd_kafka_produceva(client, arguments.data(), headers ? 8 : 7));
  if (!error) static_cast<void>(headers.release());
  return error;
}

}  // namespace

RecordSender::RecordSender(const ClientParts& parts) : m_client(RD_KAFKA_PRODUCER, parts) {}

RecordSender::~RecordSender() {
  std::vector<Delivery> reports = std::move(m_early);
  take_back(k_end_limit, reports);
  const auto failed = std::count_if(reports.begin(), reports.end(),
                                    [](const Delivery& report) { return report.error.has_value(); });
  const auto unheard = static_cast<std::size_t>(failed) + m_pending;
  if (unheard > 0) log_warning("a producer ended with {} records that were not acknowledged", unheard);
}

Accepted RecordSender::send(const RecordView& record, std::uint64_t tag) {
  const ErrorHandle error =
      produce(m_client.get(), {topic(record.topic), record, tag}, to_headers(record.headers));
  if (!error) {
    ++m_pending;
    return Accepted::yes;
  }
  const auto code = rd_kafka_error_code(error.get());
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return Accepted::queue_full;
  if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
    throw to_error(code, fmt::format("sending to {}", record.topic));
  Error why = failure(code, record.topic, rd_kafka_error_string(error.get()));
  // Refused at once, for what is known about the topic or the client: told like any other failure.
  m_early.push_back({.tag = tag,
                     .partition = record.partition,
                     .offset = Offset{-1},
                     .error = std::move(why),
                     .possibly_stored = false});
  return Accepted::yes;
}

void RecordSender::poll(Milliseconds timeout, std::vector<Delivery>& reports) {
  const SteadyTime deadline = steady_now() + timeout;
  const std::size_t before = reports.size();
  std::move(m_early.begin(), m_early.end(), std::back_inserter(reports));
  m_early.clear();
  do {
    const Milliseconds wait = reports.size() > before ? Milliseconds{0} : left_until(deadline);
    const EventHandle event = m_client.poll(wait);
    if (event) {
      take(*event, reports);
    } else if (reports.size() > before) {
      return;
    }
  } while (reports.size() > before || steady_now() < deadline);
}

void RecordSender::flush(Milliseconds timeout, std::vector<Delivery>& reports) {
  const SteadyTime deadline = steady_now() + timeout;
  poll(Milliseconds{0}, reports);
  while (m_pending > 0 && steady_now() < deadline) {
    rd_kafka_flush(m_client.get(), k_hurry_ms);
    poll(std::min(k_flush_slice, left_until(deadline)), reports);
  }
}

void RecordSender::take_back(Milliseconds timeout, std::vector<Delivery>& reports) {
  poll(Milliseconds{0}, reports);
  if (m_pending == 0) return;
  rd_kafka_purge(m_client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  const SteadyTime deadline = steady_now() + timeout;
  while (m_pending > 0 && steady_now() < deadline) poll(left_until(deadline), reports);
}

void RecordSender::keep(std::vector<Delivery> reports) {
  std::move(reports.begin(), reports.end(), std::back_inserter(m_early));
}

void RecordSender::absorb() {
  std::vector<Delivery> reports;
  poll(Milliseconds{0}, reports);
  keep(std::move(reports));
}

rd_kafka_topic_t* RecordSender::topic(std::string_view name) {
  if (name == m_last_name && m_last_topic != nullptr) return m_last_topic;
  m_last_name = name;
  TopicHandle& handle = m_topics[m_last_name];
  if (!handle) {
    check_topic_name(name);
    handle.reset(rd_kafka_topic_new(m_client.get(), m_last_name.c_str(), nullptr));
    if (!handle) throw to_error(rd_kafka_last_error(), fmt::format("opening topic {}", name));
  }
  return m_last_topic = handle.get();
}

void RecordSender::take(rd_kafka_event_t& event, std::vector<Delivery>& reports) {
  if (rd_kafka_event_type(&event) == RD_KAFKA_EVENT_DR) {
    while (const rd_kafka_message_t* message = rd_kafka_event_message_next(&event)) {
      reports.push_back(report_of(*message));
      --m_pending;
    }
    return;
  }
  const auto error = m_client.absorb(event);
  if (!error) return;
  log_debug("{}", error->what());
  // Nothing will be delivered any more: the reports come at once, not after the message timeout.
  if (m_client.refused() || m_client.fatal()) {
    rd_kafka_purge(m_client.get(),
                   RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
  }
}

Delivery RecordSender::report_of(const rd_kafka_message_t& message) {
  Delivery report{.tag = reinterpret_cast<std::uint64_t>(message._private),
                  .partition = Partition{message.partition},
                  .offset = Offset{message.offset},
                  .error = std::nullopt,
                  .possibly_stored = false};
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    m_client.note_success();
    return report;
  }
  report.error = failure(message.err, rd_kafka_topic_name(message.rkt), {});
  if (leaves_gap(message.err))
    m_gap = TopicPartition{TopicName{rd_kafka_topic_name(message.rkt)}, Partition{message.partition}};
  report.possibly_stored = rd_kafka_message_status(&message) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
  return report;
}

Error RecordSender::failure(rd_kafka_resp_err_t code, std::string_view topic, std::string_view detail) {
  const bool taken_back = is_taken_back(code);
  const auto reason = [&]() -> Error {
    const std::string doing = fmt::format("delivering a record to {}", topic);
    if (m_client.fatal() && (taken_back || code == RD_KAFKA_RESP_ERR__FATAL)) return *m_client.fatal();
    if (m_client.refused() && taken_back) return *m_client.refused();
    if (is_connectivity(code)) return m_client.error(code, doing);
    return to_error(code, doing, detail);
  };
  Error error = reason();
  // What fails a transaction has the rest of it taken back, and may be reported behind that.
  if (!m_first_failure || (m_first_was_taken_back && !taken_back)) {
    m_first_failure = error;
    m_first_was_taken_back = taken_back;
  }
  return error;
}

}  // namespace kbeat::transport
