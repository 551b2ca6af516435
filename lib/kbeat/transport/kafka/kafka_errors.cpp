// A table from librdkafka's codes to kinds, retryability and advice.
#include "kbeat/transport/kafka/kafka_errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kbeat/base/escape.hpp"

namespace kbeat::transport {
namespace {

struct Row {
  rd_kafka_resp_err_t from;
  ErrorCode to;
  Retryable retryable;
  std::string_view advice;
};

constexpr auto k_no = Retryable::no;
constexpr auto k_yes = Retryable::yes;
constexpr std::string_view k_network = "check the brokers' addresses and that they run";
constexpr std::string_view k_credentials = "check user name, password, mechanism and security protocol";
constexpr std::string_view k_rights = "ask for the rights on the broker (ACL)";
constexpr std::string_view k_make_topic = "make it with: kbeat topics create TOPIC";
constexpr std::string_view k_wait = "it heals by itself once the brokers have settled";
constexpr std::string_view k_other_took_over = "another process took over";
constexpr std::string_view k_smaller = "make the record smaller or raise the topic's max.message.bytes";
constexpr std::string_view k_values = "correct the values given";

constexpr std::array k_rows{
    Row{RD_KAFKA_RESP_ERR__TRANSPORT, ErrorCode::unreachable, k_yes, k_network},
    Row{RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, ErrorCode::unreachable, k_yes, k_network},
    Row{RD_KAFKA_RESP_ERR__RESOLVE, ErrorCode::unreachable, k_yes, k_network},
    Row{RD_KAFKA_RESP_ERR__WAIT_COORD, ErrorCode::unreachable, k_yes, k_wait},
    Row{RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, ErrorCode::unreachable, k_yes, k_network},
    Row{RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, ErrorCode::unreachable, k_yes, k_network},
    Row{RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, ErrorCode::unreachable, k_yes, k_wait},
    Row{RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, ErrorCode::unreachable, k_yes, k_wait},
    Row{RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, ErrorCode::unreachable, k_yes, k_wait},
    Row{RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, ErrorCode::unreachable, k_yes, k_wait},
    Row{RD_KAFKA_RESP_ERR_NOT_COORDINATOR, ErrorCode::unreachable, k_yes, k_wait},
    Row{RD_KAFKA_RESP_ERR_NOT_CONTROLLER, ErrorCode::unreachable, k_yes, k_wait},
    Row{RD_KAFKA_RESP_ERR__SSL, ErrorCode::authentication, k_no,
        "check ssl.ca.location and the broker's certificate"},
    Row{RD_KAFKA_RESP_ERR__AUTHENTICATION, ErrorCode::authentication, k_no, k_credentials},
    Row{RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, ErrorCode::authentication, k_no, k_credentials},
    Row{RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, ErrorCode::authentication, k_no, k_credentials},
    Row{RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, ErrorCode::authentication, k_no, k_rights},
    Row{RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, ErrorCode::authentication, k_no, k_rights},
    Row{RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, ErrorCode::authentication, k_no, k_rights},
    Row{RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, ErrorCode::authentication, k_no, k_rights},
    Row{RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, ErrorCode::not_found, k_no, k_make_topic},
    Row{RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, ErrorCode::not_found, k_no, k_make_topic},
    Row{RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, ErrorCode::not_found, k_no,
        "kbeat topics describe shows the partitions there are"},
    Row{RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND, ErrorCode::not_found, k_no,
        "kbeat groups list shows those there are"},
    Row{RD_KAFKA_RESP_ERR__TIMED_OUT, ErrorCode::timed_out, k_yes, k_network},
    Row{RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, ErrorCode::timed_out, k_yes, k_network},
    Row{RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, ErrorCode::timed_out, k_yes, k_network},
    Row{RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, ErrorCode::timed_out, k_yes, k_wait},
    Row{RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED, ErrorCode::timed_out, k_yes,
        "the group took the partitions away; raise max.poll.interval.ms"},
    Row{RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, ErrorCode::undelivered, k_yes, k_wait},
    Row{RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, ErrorCode::undelivered, k_yes, k_wait},
    Row{RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, ErrorCode::undelivered, k_yes, "look at the broker's disk"},
    Row{RD_KAFKA_RESP_ERR__PURGE_QUEUE, ErrorCode::undelivered, k_yes, "send it again"},
    Row{RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, ErrorCode::undelivered, k_yes, "send it again"},
    Row{RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, ErrorCode::too_large, k_no, k_smaller},
    Row{RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, ErrorCode::too_large, k_no, k_smaller},
    Row{RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE, ErrorCode::too_large, k_no, "shorten the metadata"},
    Row{RD_KAFKA_RESP_ERR_INVALID_RECORD, ErrorCode::bad_input, k_no,
        "a compacted topic needs a key in each record"},
    Row{RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, ErrorCode::bad_input, k_no,
        "the topic limits how far stamps may be off"},
    Row{RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, ErrorCode::usage, k_no,
        "a name has 1 to 249 of a-z A-Z 0-9 . _ -"},
    Row{RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, ErrorCode::bad_input, k_no, k_values},
    Row{RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, ErrorCode::bad_input, k_no, k_values},
    Row{RD_KAFKA_RESP_ERR_INVALID_REPLICA_ASSIGNMENT, ErrorCode::bad_input, k_no, k_values},
    Row{RD_KAFKA_RESP_ERR_INVALID_CONFIG, ErrorCode::bad_input, k_no, k_values},
    Row{RD_KAFKA_RESP_ERR_INVALID_REQUEST, ErrorCode::bad_input, k_no, k_values},
    Row{RD_KAFKA_RESP_ERR_POLICY_VIOLATION, ErrorCode::bad_input, k_no, "the cluster's policy forbids it"},
    Row{RD_KAFKA_RESP_ERR__INVALID_ARG, ErrorCode::bad_input, k_no, k_values},
    Row{RD_KAFKA_RESP_ERR_INVALID_GROUP_ID, ErrorCode::usage, k_no, k_values},
    Row{RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT, ErrorCode::configuration, k_no,
        "the broker's group.min and group.max.session.timeout.ms bound session.timeout.ms"},
    Row{RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT, ErrorCode::configuration, k_no,
        "the broker's transaction.max.timeout.ms bounds it"},
    Row{RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL, ErrorCode::configuration, k_no,
        "all members of a group need one partition.assignment.strategy"},
    Row{RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, ErrorCode::busy, k_no, "choose another name"},
    Row{RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP, ErrorCode::busy, k_no, "stop its members first"},
    Row{RD_KAFKA_RESP_ERR_GROUP_SUBSCRIBED_TO_TOPIC, ErrorCode::busy, k_no, "stop its members first"},
    Row{RD_KAFKA_RESP_ERR_REASSIGNMENT_IN_PROGRESS, ErrorCode::busy, k_yes, k_wait},
    Row{RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, ErrorCode::busy, k_yes, k_wait},
    Row{RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, ErrorCode::fenced, k_no, k_other_took_over},
    Row{RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, ErrorCode::fenced, k_no, k_other_took_over},
    Row{RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, ErrorCode::fenced, k_no,
        "the group is sharing its partitions anew"},
    Row{RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST, ErrorCode::fenced, k_no, k_other_took_over},
    Row{RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, ErrorCode::fenced, k_no,
        "another member with the same group.instance.id came later and has taken its place; give each its "
        "own"},
    Row{RD_KAFKA_RESP_ERR_PRODUCER_FENCED, ErrorCode::fenced, k_no, k_other_took_over},
    Row{RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, ErrorCode::fenced, k_no, k_other_took_over},
    Row{RD_KAFKA_RESP_ERR__FENCED, ErrorCode::fenced, k_no, k_other_took_over},
    Row{RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, ErrorCode::fenced, k_no, k_other_took_over},
    Row{RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, ErrorCode::unsupported, k_no, "the broker is too old"},
    Row{RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, ErrorCode::unsupported, k_no,
        "the broker or librdkafka is too old"},
    Row{RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, ErrorCode::unsupported, k_no,
        "choose another compression"},
};

const Row* find_row(rd_kafka_resp_err_t code) {
  const auto* found =
      std::find_if(k_rows.begin(), k_rows.end(), [&](const Row& row) { return row.from == code; });
  return found == k_rows.end() ? nullptr : found;
}

std::string compose(std::string_view doing, rd_kafka_resp_err_t code, std::string_view detail,
                    std::string_view advice) {
  const std::string reason = detail.empty() ? rd_kafka_err2str(code) : escape_for_terminal(detail, 500);
  return fmt::format("{}{}{}{}{}", doing, doing.empty() ? "" : " failed: ", reason,
                     advice.empty() ? "" : "; ", advice);
}

}  // namespace

Error to_error(rd_kafka_resp_err_t code, std::string_view doing, std::string_view detail) {
  const Row* row = find_row(code);
  if (row == nullptr) return {ErrorCode::internal, compose(doing, code, detail, {})};
  return {row->to, compose(doing, code, detail, row->advice), row->retryable};
}

Error to_error(const rd_kafka_error_t& error, std::string_view doing) {
  const auto code = rd_kafka_error_code(&error);
  const Row* row = find_row(code);
  const ErrorCode kind = row != nullptr ? row->to : ErrorCode::internal;
  const bool repeat = rd_kafka_error_is_retriable(&error) != 0 &&
                      rd_kafka_error_txn_requires_abort(&error) == 0 && rd_kafka_error_is_fatal(&error) == 0;
  return {kind, compose(doing, code, rd_kafka_error_string(&error), row != nullptr ? row->advice : ""),
          repeat ? k_yes : k_no};
}

bool is_connectivity(rd_kafka_resp_err_t code) {
  const Row* row = find_row(code);
  return row != nullptr && (row->to == ErrorCode::unreachable || row->to == ErrorCode::timed_out);
}

bool is_fencing(rd_kafka_resp_err_t code) {
  const Row* row = find_row(code);
  return row != nullptr && row->to == ErrorCode::fenced;
}

}  // namespace kbeat::transport
