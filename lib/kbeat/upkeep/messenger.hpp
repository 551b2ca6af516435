// Ways in which a message leaves kbeat: the log, a program, a URL.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/net/http_client.hpp"

namespace kbeat::upkeep {

struct Message {
  std::string id;    ///< the same when it is delivered again
  std::string text;  ///< one line for people
  std::string json;  ///< one object for programs
  bool urgent = false;
};

/// Safe to call from several threads.
class Messenger {
 public:
  Messenger() = default;
  Messenger(const Messenger&) = delete;
  Messenger& operator=(const Messenger&) = delete;
  virtual ~Messenger() = default;
  /// Returns when the message is delivered. Throws Error saying why it is not; retryable when later may do.
  virtual void deliver(const Message& message, std::stop_token stop) = 0;
  /// `log`, `exec PROGRAM` or `webhook HOST`.
  [[nodiscard]] virtual std::string name() const = 0;
};

/// As a warning (urgent) or information in the log.
[[nodiscard]] std::unique_ptr<Messenger> make_log_messenger();

/// Runs `words` with the JSON on standard input, without a shell. Exit 0 is delivered, 75 try again later,
/// any other failed; standard error says why.
[[nodiscard]] std::unique_ptr<Messenger> make_exec_messenger(std::vector<std::string> words,
                                                             Milliseconds timeout);

/// POSTs the JSON, with the id as Idempotency-Key. 2xx is delivered.
[[nodiscard]] std::unique_ptr<Messenger> make_webhook_messenger(std::string url,
                                                                std::shared_ptr<net::HttpClient> client,
                                                                Milliseconds timeout);

/// What settings ask for: the URL if there is one, else the program, else the log.
struct MessengerChoice {
  std::string exec;
  std::string webhook;
  Milliseconds timeout{10'000};
};
/// Throws Error{configuration} when both are given or the command cannot be read.
[[nodiscard]] std::unique_ptr<Messenger> make_messenger(const MessengerChoice& choice);

}  // namespace kbeat::upkeep
