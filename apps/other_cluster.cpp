// The settings of the transport with other brokers in them.
#include "other_cluster.hpp"

#include <algorithm>
#include <sstream>
#include <vector>

namespace kbeat::app {
namespace {

std::vector<std::string> split_list(const std::string& list) {
  std::vector<std::string> parts;
  std::istringstream text(list);
  for (std::string part; std::getline(text, part, ',');) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

}  // namespace

std::unique_ptr<transport::Transport> open_other_cluster(const Context& context, const std::string& brokers) {
  config::TransportSettings settings = context.settings().transport;
  settings.choice = config::TransportChoice::kafka;
  settings.kafka.brokers = split_list(brokers);
  std::erase_if(settings.kafka.properties, [](const auto& property) {
    return property.first == "bootstrap.servers" || property.first == "metadata.broker.list";
  });
  return connect_transport(context, settings);
}

}  // namespace kbeat::app
