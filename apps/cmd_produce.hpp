// `kbeat produce`: records from lines, envelopes or files into a topic, each one confirmed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "command.hpp"

namespace kbeat::app {

struct ProduceOptions {
  std::string topic;
  std::vector<std::string> files;  ///< each is one record
  std::string line_file;           ///< -l; empty: stdin
  std::string delimiter = "\\n";
  std::string key_delimiter;
  std::optional<std::string> key;
  std::vector<std::string> headers;
  std::string partition;
  std::string stamp = "keep";
  std::string on_error = "stop";
  std::string report;
  std::string validate;
  bool encode = false;  ///< by a schema of the registry
  std::string subject;
  std::string message;
  std::string dlq_topic;
  std::string transactional_id;
  std::string event;                ///< the type of an event to build; nothing is read then
  std::vector<std::string> fields;  ///< NAME=TEXT or NAME:=JSON
  std::string correlation_id;
  double rate = 0;
  bool transaction = false;
  bool outbox = false;
  bool envelopes = false;
  bool empty_is_null = false;
  bool tee = false;
  bool trace = false;
};

void add_produce(CommandLine& line);
[[nodiscard]] int run_produce(const ProduceOptions& options, Context& context);

}  // namespace kbeat::app
