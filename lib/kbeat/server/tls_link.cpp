// Links over TLS: pieces are gathered into records of 16 KiB.
#include <algorithm>
#include <array>
#include <boost/asio/ssl/stream.hpp>
#include <utility>

#include "kbeat/server/asio_link.hpp"

namespace kbeat::server {
namespace {

constexpr std::size_t k_record_bytes = 16u << 10;

class TlsLink final : public Link, public std::enable_shared_from_this<TlsLink> {
 public:
  TlsLink(TcpSocket socket, TlsContext& context, std::string peer)
      : m_stream(std::move(socket), context), m_peer(std::move(peer)) {}

  void open(std::shared_ptr<LinkUser> user) override {
    m_user = std::move(user);
    m_stream.async_handshake(boost::asio::ssl::stream_base::server,
                             [self = shared_from_this()](const AsioFailure& failure) {
                               if (self->m_user) failure ? self->gone() : self->read();
                             });
  }

  void read() override {
    if (m_reading || !m_user) return;
    m_reading = true;
    m_stream.async_read_some(boost::asio::buffer(m_input),
                             [self = shared_from_this()](const AsioFailure& failure, std::size_t size) {
                               self->m_reading = false;
                               if (!self->m_user) return;
                               if (failure) return self->gone();
                               const std::shared_ptr<LinkUser> user = self->m_user;
                               user->on_bytes({self->m_input.data(), size});
                             });
  }

  Written write(std::span<const std::string_view> pieces) override {
    m_output.clear();
    for (const std::string_view piece : pieces) m_output += piece;
    m_written = 0;
    write_some();
    return Written::later;
  }

  /// TLS has no half of a connection; what is written is on its way.
  void end_writing() override {}

  void close() override {
    m_user.reset();
    AsioFailure ignored;
    m_stream.next_layer().shutdown(TcpSocket::shutdown_send, ignored);
    m_stream.next_layer().close(ignored);
  }

  [[nodiscard]] const std::string& peer() const override { return m_peer; }

 private:
  void gone() {
    const std::shared_ptr<LinkUser> user = m_user;
    user->on_gone();
  }

  void write_some() {
    const std::size_t size = std::min(m_output.size() - m_written, k_record_bytes);
    m_stream.async_write_some(boost::asio::buffer(m_output.data() + m_written, size),
                              [self = shared_from_this()](const AsioFailure& failure, std::size_t written) {
                                if (!self->m_user) return;
                                if (failure) return self->gone();
                                self->m_written += written;
                                if (self->m_written < self->m_output.size()) return self->write_some();
                                const std::shared_ptr<LinkUser> user = self->m_user;
                                user->on_written();
                              });
  }

  boost::asio::ssl::stream<TcpSocket> m_stream;
  std::string m_peer;
  std::shared_ptr<LinkUser> m_user;
  std::array<char, 4096> m_input{};
  std::string m_output;
  std::size_t m_written = 0;
  bool m_reading = false;
};

}  // namespace

std::shared_ptr<Link> make_tls_link(TcpSocket socket, TlsContext& context, std::string peer) {
  return std::make_shared<TlsLink>(std::move(socket), context, std::move(peer));
}

}  // namespace kbeat::server
