// Plain links: what is there is read into one buffer a thread and written by one call for many pieces.
#include "kbeat/server/asio_link.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

namespace kbeat::server {
namespace {

constexpr std::size_t k_most_pieces = 256;
constexpr std::size_t k_read_bytes = 64u << 10;

/// A client that is only listened to costs no buffer of its own.
std::array<char, k_read_bytes>& read_buffer() {
  thread_local std::array<char, k_read_bytes> buffer;
  return buffer;
}

class PlainLink final : public Link, public std::enable_shared_from_this<PlainLink> {
 public:
  PlainLink(TcpSocket socket, std::string peer) : m_socket(std::move(socket)), m_peer(std::move(peer)) {
    m_pieces.reserve(4);
  }

  void open(std::shared_ptr<LinkUser> user) override {
    m_user = std::move(user);
    read();
  }

  void read() override {
    if (m_reading || !m_user) return;
    m_reading = true;
    m_socket.async_wait(TcpSocket::wait_read, [self = shared_from_this()](const AsioFailure& failure) {
      self->m_reading = false;
      if (self->m_user) failure ? self->gone() : self->take_bytes();
    });
  }

  Written write(std::span<const std::string_view> pieces) override {
    m_pieces.clear();
    for (const std::string_view piece : pieces)
      m_pieces.push_back({const_cast<char*>(piece.data()), piece.size()});
    m_next_piece = 0;
    return send_some();
  }

  void end_writing() override {
    AsioFailure ignored;
    m_socket.shutdown(TcpSocket::shutdown_send, ignored);
  }

  void close() override {
    m_user.reset();
    AsioFailure ignored;
    m_socket.shutdown(TcpSocket::shutdown_send, ignored);
    m_socket.close(ignored);
  }

  [[nodiscard]] const std::string& peer() const override { return m_peer; }

 private:
  void gone() {
    const std::shared_ptr<LinkUser> user = m_user;
    user->on_gone();
  }

  void take_bytes() {
    auto& buffer = read_buffer();
    const ssize_t got = ::recv(m_socket.native_handle(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return read();
    if (got <= 0) return gone();
    const std::shared_ptr<LinkUser> user = m_user;
    user->on_bytes({buffer.data(), static_cast<std::size_t>(got)});
  }

  /// Writes until all is gone or the socket is full; then goes on when it has room. A failure is told by the
  /// next reading, or by the waiting for room.
  Written send_some() {
    while (m_next_piece < m_pieces.size()) {
      msghdr message{};
      message.msg_iov = &m_pieces[m_next_piece];
      message.msg_iovlen = std::min(m_pieces.size() - m_next_piece, k_most_pieces);
      const ssize_t sent = ::sendmsg(m_socket.native_handle(), &message, MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) {
        wait_for_room();
        return Written::later;
      }
      advance(static_cast<std::size_t>(sent));
    }
    return Written::now;
  }

  void advance(std::size_t sent) {
    while (m_next_piece < m_pieces.size() && sent >= m_pieces[m_next_piece].iov_len) {
      sent -= m_pieces[m_next_piece].iov_len;
      ++m_next_piece;
    }
    if (sent == 0) return;
    iovec& piece = m_pieces[m_next_piece];
    piece.iov_base = static_cast<char*>(piece.iov_base) + sent;
    piece.iov_len -= sent;
  }

  void wait_for_room() {
    const bool is_full = errno == EAGAIN || errno == ENOBUFS;
    m_socket.async_wait(TcpSocket::wait_write,
                        [self = shared_from_this(), is_full](const AsioFailure& failure) {
                          if (!self->m_user) return;
                          if (failure || !is_full) return self->gone();
                          if (self->send_some() == Written::later) return;
                          const std::shared_ptr<LinkUser> user = self->m_user;
                          user->on_written();
                        });
  }

  TcpSocket m_socket;
  std::string m_peer;
  std::shared_ptr<LinkUser> m_user;
  std::vector<iovec> m_pieces;
  std::size_t m_next_piece = 0;
  bool m_reading = false;
};

}  // namespace

std::shared_ptr<Link> make_plain_link(TcpSocket socket, std::string peer) {
  return std::make_shared<PlainLink>(std::move(socket), std::move(peer));
}

}  // namespace kbeat::server
