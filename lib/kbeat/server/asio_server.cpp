// The server on Boost.Asio: one loop a thread, each with an acceptor of its own on the shared port.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/server/asio_handles.hpp"
#include "kbeat/server/asio_link.hpp"
#include "kbeat/server/http_server.hpp"

namespace kbeat::server {
namespace {

constexpr Milliseconds k_tick{250};
constexpr int k_backlog = 4096;
constexpr int k_send_buffer = 64 << 10;
constexpr Milliseconds k_accept_pause{100};

using ReusePort = boost::asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

/// Ten thousand clients need as many descriptors.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

class AsioLoop final : public Loop {
 public:
  void post(std::function<void()> work) override { boost::asio::post(m_context, std::move(work)); }
  void call_after(Milliseconds delay, std::function<void()> work) override {
    const auto timer = std::make_shared<boost::asio::steady_timer>(m_context, delay);
    timer->async_wait([timer, work = std::move(work)](const AsioFailure& failure) {
      if (!failure) work();
    });
  }
  [[nodiscard]] bool is_current() const override { return m_context.get_executor().running_in_this_thread(); }
  [[nodiscard]] IoContext& context() { return m_context; }

 private:
  mutable IoContext m_context{1};
};

/// Connections by address, of all loops together.
class AddressCounts {
 public:
  /// False when the address has that many already.
  [[nodiscard]] bool enter(const std::string& address, std::size_t most) {
    const std::lock_guard lock(m_mutex);
    std::size_t& count = m_counts[address];
    if (most > 0 && count >= most) return false;
    ++count;
    return true;
  }
  void leave(const std::string& address) {
    const std::lock_guard lock(m_mutex);
    const auto found = m_counts.find(address);
    if (--found->second == 0) m_counts.erase(found);
  }

 private:
  std::mutex m_mutex;
  std::unordered_map<std::string, std::size_t> m_counts;
};

/// How many connections there are, and whose.
struct Census {
  std::atomic<std::size_t> total{0};
  AddressCounts of_address{};
};

/// One loop with its acceptor and connections; everything but `stop` and `count` happens on its thread.
class LoopServer {
 public:
  LoopServer(const TcpEndpoint& endpoint, std::shared_ptr<TlsContext> tls, const ServerParts& parts,
             Census& census)
      : m_acceptor(m_loop.context()), m_tls(std::move(tls)), m_parts(parts), m_census(census) {
    m_acceptor.open(endpoint.protocol());
    m_acceptor.set_option(TcpAcceptor::reuse_address(true));
    m_acceptor.set_option(ReusePort(true));
    if (endpoint.address().is_v6()) m_acceptor.set_option(boost::asio::ip::v6_only(true));
    m_acceptor.bind(endpoint);
    m_acceptor.listen(k_backlog);
  }

  void start() {
    accept();
    tick();
    m_thread = std::jthread([this] { m_loop.context().run(); });
  }

  void use_tls(std::shared_ptr<TlsContext> tls) {
    m_loop.post([this, tls = std::move(tls)] { m_tls = tls; });
  }

  void drain() {
    m_loop.post([this] {
      AsioFailure ignored;
      m_acceptor.close(ignored);
      for (const auto& connection : all()) connection->drain();
    });
  }

  void stop() {
    m_loop.context().stop();
    if (m_thread.joinable()) m_thread.join();
    for (const auto& connection : all()) connection->on_gone();
  }

  [[nodiscard]] TcpEndpoint endpoint() const { return m_acceptor.local_endpoint(); }

 private:
  /// Connections leave the table while they are called.
  [[nodiscard]] std::vector<std::shared_ptr<Connection>> all() const {
    std::vector<std::shared_ptr<Connection>> list;
    list.reserve(m_connections.size());
    for (const auto& [key, connection] : m_connections) list.push_back(connection);
    return list;
  }

  void accept() {
    m_acceptor.async_accept([this](const AsioFailure& failure, TcpSocket socket) {
      if (!m_acceptor.is_open()) return;
      if (failure) {
        // Out of descriptors, mostly: trying at once would only burn the processor.
        return m_loop.call_after(k_accept_pause, [this] { accept(); });
      }
      take(std::move(socket));
      accept();
    });
  }

  void take(TcpSocket socket) {
    AsioFailure failure;
    const TcpEndpoint peer = socket.remote_endpoint(failure);
    if (failure || m_census.total.load() >= m_parts.limits.connections) return;  // closes it
    std::string name = peer.address().to_string();
    if (!m_census.of_address.enter(name, m_parts.limits.connections_of_address)) return;
    socket.non_blocking(true, failure);
    socket.set_option(boost::asio::ip::tcp::no_delay(true), failure);
    socket.set_option(boost::asio::socket_base::send_buffer_size(k_send_buffer), failure);
    auto link = m_tls != nullptr ? make_tls_link(std::move(socket), *m_tls, name)
                                 : make_plain_link(std::move(socket), name);
    auto connection =
        std::make_shared<Connection>(m_loop, std::move(link), m_parts, [this, name](Connection* ended) {
          m_connections.erase(ended);
          m_census.of_address.leave(name);
          --m_census.total;
        });
    ++m_census.total;
    m_connections.emplace(connection.get(), connection);
    connection->open();
  }

  void tick() {
    m_loop.call_after(k_tick, [this] {
      const SteadyTime now = std::chrono::steady_clock::now();
      for (const auto& connection : all()) connection->tick(now);
      tick();
    });
  }

  AsioLoop m_loop;
  TcpAcceptor m_acceptor;
  std::shared_ptr<TlsContext> m_tls;  ///< links that were made with a former one keep what they need of it
  const ServerParts& m_parts;
  Census& m_census;
  std::unordered_map<Connection*, std::shared_ptr<Connection>> m_connections;
  std::jthread m_thread;
};

/// Sockets that share a port share it with other processes of the same user too: a port that somebody listens
/// on is noticed by asking for it alone first.
void check_free(const TcpEndpoint& endpoint) {
  IoContext context;
  TcpAcceptor probe(context);
  probe.open(endpoint.protocol());
  probe.set_option(TcpAcceptor::reuse_address(true));
  if (endpoint.address().is_v6()) probe.set_option(boost::asio::ip::v6_only(true));
  probe.bind(endpoint);
  probe.listen(1);
}

TcpEndpoint resolve(const ServerOptions& options) {
  IoContext context;
  boost::asio::ip::tcp::resolver resolver(context);
  AsioFailure failure;
  const auto found = resolver.resolve(options.host, std::to_string(options.port), failure);
  if (failure || found.empty()) {
    throw Error(ErrorCode::configuration,
                fmt::format("cannot listen on {}: it has no address here", options.host));
  }
  return found.begin()->endpoint();
}

std::shared_ptr<TlsContext> open_tls(const ServerOptions& options) {
  if (options.tls_certificate.empty()) return nullptr;
  auto context = std::make_shared<TlsContext>(TlsContext::tls_server);
  AsioFailure failure;
  context->set_options(TlsContext::default_workarounds | TlsContext::no_tlsv1 | TlsContext::no_tlsv1_1,
                       failure);
  context->use_certificate_chain_file(options.tls_certificate.string(), failure);
  if (failure) {
    throw Error(ErrorCode::configuration, fmt::format("cannot use the certificate {}: {}",
                                                      options.tls_certificate.string(), failure.message()));
  }
  context->use_private_key_file(options.tls_key.string(), TlsContext::pem, failure);
  if (failure) {
    throw Error(ErrorCode::configuration,
                fmt::format("cannot use the key {}: {}", options.tls_key.string(), failure.message()));
  }
  return context;
}

}  // namespace

struct HttpServer::State {
  ServerOptions options;
  ServerParts parts;
  std::shared_ptr<TlsContext> tls;
  Census census{};
  std::vector<std::unique_ptr<LoopServer>> loops{};
  bool started = false;
};

HttpServer::HttpServer(const ServerOptions& options, ServerParts parts)
    : m_state(new State{options, std::move(parts), open_tls(options)}) {
  raise_descriptor_limit();
  TcpEndpoint endpoint = resolve(options);
  try {
    check_free(endpoint);
    for (std::size_t i = 0; i < options.loops; ++i) {
      m_state->loops.push_back(
          std::make_unique<LoopServer>(endpoint, m_state->tls, m_state->parts, m_state->census));
      endpoint = m_state->loops.front()->endpoint();
    }
  } catch (const boost::system::system_error& failure) {
    throw Error(ErrorCode::io, fmt::format("cannot listen on {}:{}: {}", options.host, options.port,
                                           failure.code().message()));
  }
}

HttpServer::~HttpServer() {
  stop();
}

void HttpServer::start() {
  m_state->started = true;
  for (const auto& loop : m_state->loops) loop->start();
}

void HttpServer::reload_tls() {
  const std::shared_ptr<TlsContext> fresh = open_tls(m_state->options);
  if (!fresh) return;
  for (const auto& loop : m_state->loops) loop->use_tls(fresh);
}

void HttpServer::stop() {
  if (!m_state->started) return;
  m_state->started = false;
  for (const auto& loop : m_state->loops) loop->drain();
  SystemClock clock;
  const SteadyTime deadline = clock.steady() + m_state->options.drain;
  while (m_state->census.total.load() > 0 && clock.steady() < deadline) clock.wait(Milliseconds{10}, {});
  for (const auto& loop : m_state->loops) loop->stop();
}

int HttpServer::port() const {
  return m_state->loops.front()->endpoint().port();
}

std::size_t HttpServer::connections() const {
  return m_state->census.total.load();
}

}  // namespace kbeat::server
