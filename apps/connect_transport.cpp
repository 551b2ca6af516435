// Opens a command's transport and says which one it is when nobody chose.
#include "command.hpp"
#include "kbeat/access/open_tokens.hpp"
#include "kbeat/transport/open.hpp"

namespace kbeat::app {

std::unique_ptr<transport::Transport> connect_transport(const Context& context) {
  if (!context.config.transport_notice.empty()) context.notice(context.config.transport_notice);
  for (const std::string& warning : context.config.transport_warnings) context.notice("warning: " + warning);
  return connect_transport(context, context.settings().transport);
}

std::unique_ptr<transport::Transport> connect_transport(const Context& context,
                                                        const config::TransportSettings& settings) {
  const std::string client_id = "kbeat-" + context.command.substr(0, context.command.find(' '));
  return transport::open_transport(settings, client_id,
                                   access::open_tokens(settings.kafka.oauth, context.clock));
}

}  // namespace kbeat::app
