// A record as Kafka knows it: key, value, headers and timestamp at a place in a topic.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/base/strong.hpp"

namespace kbeat {

using TopicName = Strong<struct TopicNameTag, std::string>;
using GroupId = Strong<struct GroupIdTag, std::string>;
using Partition = Strong<struct PartitionTag, std::int32_t>;
using Offset = Strong<struct OffsetTag, std::int64_t>;

/// Bytes of any kind; nothing in the house assumes text.
using Bytes = std::string;

enum class TimestampType { none, create, log_append };

struct TopicPartition {
  TopicName topic;
  Partition partition;
  auto operator<=>(const TopicPartition&) const = default;
};

/// A partition and the offset of the next record to read from it.
struct Position {
  TopicPartition partition;
  Offset next;
  bool operator==(const Position&) const = default;
};

struct Header {
  std::string name;
  std::optional<Bytes> value;
  bool operator==(const Header&) const = default;
};

struct HeaderView {
  std::string_view name;
  std::optional<std::string_view> value;
};

/// A record that lives in a batch of somebody else's: valid as long as that batch.
struct RecordView {
  std::string_view topic{};
  Partition partition{};
  Offset offset{};
  WallTime timestamp{};
  TimestampType timestamp_type = TimestampType::none;
  std::optional<std::string_view> key{};
  std::optional<std::string_view> value{};
  std::span<const HeaderView> headers{};
};

/// A record that owns its bytes. A partition of -1 leaves the choice to the partitioner.
struct Record {
  TopicName topic{};
  Partition partition{-1};
  Offset offset{-1};
  WallTime timestamp{};
  TimestampType timestamp_type = TimestampType::none;
  std::optional<Bytes> key{};
  std::optional<Bytes> value{};
  std::vector<Header> headers{};
  bool operator==(const Record&) const = default;
};

[[nodiscard]] Record to_record(const RecordView& view);

/// Lends a Record as a RecordView; the record must outlive it and stay unchanged.
class RecordLoan {
 public:
  explicit RecordLoan(const Record& record);
  RecordLoan(const RecordLoan&) = delete;
  RecordLoan& operator=(const RecordLoan&) = delete;

  [[nodiscard]] const RecordView& view() const { return m_view; }

 private:
  std::vector<HeaderView> m_headers;
  RecordView m_view;
};

/// The last header of that name (Kafka's rule for duplicates), or nothing. A null value counts as found.
[[nodiscard]] const HeaderView* find_header(std::span<const HeaderView> headers, std::string_view name);
[[nodiscard]] const Header* find_header(std::span<const Header> headers, std::string_view name);

/// `topic[partition]`, for messages.
[[nodiscard]] std::string to_string(const TopicPartition& partition);

/// Throws Error{usage} unless `name` is a legal Kafka topic name: 1 to 249 of [a-zA-Z0-9._-], not "." or
/// "..".
void check_topic_name(std::string_view name);

}  // namespace kbeat
