// The one place where librdkafka's errors become ours, with what to do about them.
#pragma once

#include <string_view>

#include "kbeat/base/error.hpp"
#include "kbeat/transport/kafka/handles.hpp"

namespace kbeat::transport {

/// `doing` begins the message ("creating topic t") unless it is empty; `detail` is the library's own text,
/// when it has one.
[[nodiscard]] Error to_error(rd_kafka_resp_err_t code, std::string_view doing, std::string_view detail = {});

/// Takes a library error object, which must not be null; `requires abort` and `retriable` of transactions
/// decide whether the caller may repeat the call.
[[nodiscard]] Error to_error(const rd_kafka_error_t& error, std::string_view doing);

/// True for what only says that no broker answered (so far).
[[nodiscard]] bool is_connectivity(rd_kafka_resp_err_t code);

/// True when a commit was refused because the partition belongs to another member by now.
[[nodiscard]] bool is_fencing(rd_kafka_resp_err_t code);

}  // namespace kbeat::transport
