// Opens a command's transport and says which one it is when nobody chose.
#include "command.hpp"
#include "kbeat/access/open_tokens.hpp"
#include "kbeat/transport/open.hpp"
#include "look_transport.hpp"

namespace kbeat::app {
namespace {

void tell_choice(const Context& context) {
  if (!context.config.transport_notice.empty()) context.notice(context.config.transport_notice);
  for (const std::string& warning : context.config.transport_warnings) context.notice("warning: " + warning);
}

std::string client_id(const Context& context) {
  return "kbeat-" + context.command.substr(0, context.command.find(' '));
}

}  // namespace

std::unique_ptr<transport::Transport> connect_transport(const Context& context) {
  tell_choice(context);
  return connect_transport(context, context.settings().transport);
}

std::unique_ptr<transport::Transport> connect_transport(const Context& context,
                                                        const config::TransportSettings& settings) {
  return transport::open_transport(settings, client_id(context),
                                   access::open_tokens(settings.kafka.oauth, context.clock));
}

std::unique_ptr<transport::Transport> connect_transport_to_look(const Context& context) {
  tell_choice(context);
  const config::TransportSettings& settings = context.settings().transport;
  return transport::open_transport_to_look(settings, client_id(context),
                                           access::open_tokens(settings.kafka.oauth, context.clock));
}

}  // namespace kbeat::app
