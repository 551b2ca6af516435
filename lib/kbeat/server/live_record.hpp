// A record on its way to live clients: read once, framed once in each form that somebody wants.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kbeat/model/envelope_writer.hpp"
#include "kbeat/model/record.hpp"
#include "kbeat/server/live_client.hpp"

namespace kbeat::server {

/// What a client gets of a record: its raw value or the envelope, as a WebSocket's message or as an event.
enum class LiveForm : std::uint8_t { raw_message, envelope_message, raw_event, envelope_event };
inline constexpr std::size_t k_live_forms = 4;

using WantedForms = std::array<bool, k_live_forms>;

/// A record in its batch's memory: `view` lives as long as `keep`.
struct KeptRecord {
  RecordView view;
  std::shared_ptr<const void> keep;
  std::size_t slot = 0;  ///< number of its partition in the feed
};

/// Shared by all loops; immutable once made.
struct LiveRecord : KeptRecord {
  bool malformed = false;
  std::optional<std::string> device;  ///< data.DEVICE_ID
  std::array<Frame, k_live_forms> frames{};
};

/// The positions of all partitions of a reader, which make the id of an event: the record's own place, then
/// where the others go on, so that a client that comes back misses nothing.
class PositionTrail {
 public:
  void set(const TopicPartition& partition, Offset next);
  /// `topic/partition/offset[,topic/partition/next…]`; with too many partitions the record's place alone.
  [[nodiscard]] std::string id_of(const RecordView& record) const;
  [[nodiscard]] const std::map<TopicPartition, Offset>& positions() const { return m_next; }

 private:
  std::map<TopicPartition, Offset> m_next;
};

/// Looks into records and frames them. Keeps scratch memory; for one thread.
class RecordFramer {
 public:
  RecordFramer();
  ~RecordFramer();

  /// A value that is not JSON makes a malformed record without frames. Moves the trail past the record.
  [[nodiscard]] std::shared_ptr<const LiveRecord> make(KeptRecord record, const WantedForms& wanted,
                                                       PositionTrail& trail);

 private:
  struct Reader;
  std::unique_ptr<Reader> m_reader;
  EnvelopeWriter m_envelopes;
};

/// `id: …\ndata: …\n\n`; a line of `data` for each line of the text.
[[nodiscard]] std::string event_text(std::string_view id, std::string_view data);

}  // namespace kbeat::server
