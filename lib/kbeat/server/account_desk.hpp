// Logging in, tokens and the audit, over one connection to the store.
#pragma once

#include <array>
#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "kbeat/server/http_message.hpp"
#include "kbeat/server/router.hpp"
#include "kbeat/store/accounts.hpp"

namespace kbeat::server {

struct AccountOptions {
  std::filesystem::path data_dir;
  std::string api_token;  ///< an admin's, from the environment; empty: none
  Milliseconds token_life{12 * 3600 * 1000};
  int failures_a_minute = 5;  ///< of one peer or one account, before logging in has to wait
};

/// Any thread.
class AccountDesk {
 public:
  AccountDesk(AccountOptions options, Clock& clock);

  /// Remembers what the store said for a second, so that a request costs no query.
  [[nodiscard]] std::optional<Caller> caller_of(std::string_view token);
  /// Whether there is any token or user that writing could need.
  [[nodiscard]] bool guards_writes();

  /// `{email, password}` to `{token, expires_at}`; 401 for whatever is wrong with them, 429 after too many
  /// failures or while too many tries go on. Takes a tenth of a second. A known user becomes the request's
  /// caller, for the audit.
  [[nodiscard]] HttpResponse log_in(HttpRequest& request);

  /// Writes a row of the audit.
  void note(const HttpRequest& request, int status);

  void add_routes(Router& router);

 private:
  struct Remembered {
    std::optional<Caller> caller;
    SteadyTime until;
  };
  /// Of one peer or one account.
  struct Tries {
    int failures = 0;
    int in_hand = 0;  ///< their passwords are being hashed: each may become a failure
    SteadyTime since;
  };
  enum class Result { right, wrong };
  using PeerAndUser = std::array<std::string, 2>;

  /// Seconds until both may try; 0 counts a try of each, which has to be settled. Under the lock.
  [[nodiscard]] int begin_try(const PeerAndUser& who);
  void settle_try(const PeerAndUser& who, Result result);
  /// The slow part of a try that was begun, settled whatever comes of it.
  [[nodiscard]] Result check(const PeerAndUser& who, const std::optional<store::User>& user,
                             const std::string& password);

  AccountOptions m_options;
  Clock& m_clock;
  std::string m_api_token_hash;
  std::mutex m_mutex;  ///< of all that follows
  std::unique_ptr<store::Accounts> m_accounts;
  std::map<std::string, Remembered, std::less<>> m_remembered;  ///< by hash of the token
  std::map<std::string, Tries> m_tries;
  bool m_has_users = false;
  SteadyTime m_users_until{};
};

[[nodiscard]] std::optional<Role> role_of(std::string_view name);

}  // namespace kbeat::server
