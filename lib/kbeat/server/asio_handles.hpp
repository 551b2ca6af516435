// The types of Boost.Asio that our sockets and loops are made of, named once.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace kbeat::server {

using IoContext = boost::asio::io_context;
using TcpAcceptor = boost::asio::ip::tcp::acceptor;
using TcpEndpoint = boost::asio::ip::tcp::endpoint;
using TcpSocket = boost::asio::ip::tcp::socket;
using TlsContext = boost::asio::ssl::context;
using AsioFailure = boost::system::error_code;

}  // namespace kbeat::server
