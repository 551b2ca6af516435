// Target, partition, stamp and identity.
#include "kbeat/replay/record_rewrite.hpp"

#include <fmt/format.h>

#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/model/event.hpp"
#include "kbeat/model/names.hpp"
#include "kbeat/pipeline/identity.hpp"
#include "kbeat/pipeline/topics.hpp"

namespace kbeat::replay {
namespace {

std::string identity_of(const RecordView& record, const std::string& cluster) {
  try {
    const Event event = parse_event(record);
    return pipeline::event_identity(record, &event, {cluster, 0});
  } catch (const Error&) {
    return pipeline::event_identity(record, nullptr, {cluster, 0});  // no JSON: its place is its name
  }
}

}  // namespace

RecordRewrite::RecordRewrite(transport::Transport& transport, RewriteOptions options, Milliseconds timeout)
    : m_options(std::move(options)) {
  pipeline::ensure_topics(transport, {&m_options.target.get(), 1}, pipeline::MakeTopics::no, timeout);
  const auto admin = transport.make_topic_admin(timeout);
  try {
    m_partitions = static_cast<int>(admin->topic(m_options.target).partitions.size());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    return;  // the embedded log makes it on first use
  }
  if (m_options.stamp == StampChoice::now) return;
  if (const auto span = pipeline::retention_of(*admin, m_options.target))
    m_kept_since = SystemClock().now() - *span;
}

void RecordRewrite::warn_of_retention(const RecordView& record) {
  if (!m_kept_since || record.timestamp >= *m_kept_since || record.timestamp_type == TimestampType::none)
    return;
  log_warning(
      "{} keeps records for a shorter time than these are old: they will be deleted soon; --ts now stamps "
      "them anew",
      m_options.target.get());
  m_kept_since.reset();
}

RecordView RecordRewrite::operator()(const RecordView& record) {
  RecordView copy = record;
  copy.topic = m_options.target.get();
  copy.offset = Offset{-1};
  if (m_options.partition == PartitionChoice::hash) copy.partition = Partition{-1};
  if (m_partitions > 0 && copy.partition.get() >= m_partitions) {
    throw Error(ErrorCode::usage,
                fmt::format("{} has {} partitions, and a record lies in {}: give --partition hash",
                            m_options.target.get(), m_partitions, copy.partition.get()));
  }
  if (m_options.stamp == StampChoice::now) {
    copy.timestamp_type = TimestampType::none;
  } else {
    warn_of_retention(record);
  }
  if (find_header(record.headers, names::k_event_id) != nullptr) return copy;
  m_identity = identity_of(record, m_options.cluster);
  m_headers.assign(record.headers.begin(), record.headers.end());
  m_headers.push_back({names::k_event_id, m_identity});
  copy.headers = m_headers;
  return copy;
}

}  // namespace kbeat::replay
