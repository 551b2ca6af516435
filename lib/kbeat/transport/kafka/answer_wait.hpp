// Lets a producer's thread sleep while the answer to its one request is under way.
#pragma once

#include "kbeat/transport/kafka/handles.hpp"

namespace kbeat::transport {

/// A producer that may have one request in flight, and has records for another, makes librdkafka (2.0.2 at
/// least) ask its socket over and over: a whole core, which a broker on the same machine lacks. Nothing can
/// be sent until the answer is there, so its thread waits for that instead. Does nothing where more requests
/// may be in flight, or none is answered.
void wait_for_answers(rd_kafka_conf_t* conf);

}  // namespace kbeat::transport
