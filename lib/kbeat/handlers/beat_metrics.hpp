// A beat's metrics between JSON and the store's row.
#pragma once

#include <string>
#include <string_view>

#include "kbeat/handlers/body_reader.hpp"
#include "kbeat/model/effect.hpp"

namespace kbeat::handlers {

struct Beat {
  std::string id;
  std::string user_id;    ///< may be empty
  std::string audio_url;  ///< may be empty where metrics come from elsewhere
};

/// The fields `beatId`, `userId` and `audioUrl`; only the first must be there. Faults are left in `body`.
[[nodiscard]] Beat read_beat(BodyReader& body);

/// The row: core metrics as columns, everything else but the beat's own fields in `extra`. A core metric of
/// the wrong kind is left as a fault in `metrics`.
[[nodiscard]] UpsertBeatMetrics to_row(const Beat& beat, BodyReader& metrics);

/// The METRIC_CALCULATED event that tells other stores; its id is made from that of the event it answers.
[[nodiscard]] Emit metric_calculated(const Beat& beat, const BodyReader& metrics, std::string_view identity);

/// The few metrics that the result line of an event shows, as one JSON object.
[[nodiscard]] std::string summary(const Beat& beat, const BodyReader& metrics);

}  // namespace kbeat::handlers
