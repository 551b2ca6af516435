// Opens a command's transport and says which one it is when nobody chose.
#include "command.hpp"
#include "kbeat/transport/open.hpp"

namespace kbeat::app {

std::unique_ptr<transport::Transport> connect_transport(const Context& context) {
  if (!context.config.transport_notice.empty()) context.notice(context.config.transport_notice);
  for (const std::string& warning : context.config.transport_warnings) context.notice("warning: " + warning);
  std::string client_id = "kbeat-" + context.command.substr(0, context.command.find(' '));
  return transport::open_transport(context.settings().transport, client_id);
}

}  // namespace kbeat::app
