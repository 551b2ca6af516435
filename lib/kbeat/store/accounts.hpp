// Who may use the server: users, their tokens, and what was done with them.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kbeat/base/clock.hpp"

namespace kbeat::store {

struct User {
  std::string email;
  std::string role;           ///< read, ingest or admin
  std::string password_hash;  ///< as libsodium writes it
  WallTime created;
};

struct TokenOwner {
  std::string email;
  std::string role;
  WallTime expires;
};

/// One write that somebody asked for.
struct AuditRow {
  WallTime at;
  std::string who;
  std::string peer;
  std::string method;
  std::string path;
  int status = 0;
};

/// One connection to the store; for one thread.
class Accounts {
 public:
  Accounts() = default;
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;
  virtual ~Accounts() = default;

  /// Adds the user or replaces role and password, which ends the tokens that there were.
  virtual void put(const User& user) = 0;
  /// With the tokens. False when there was no such user.
  virtual bool remove(const std::string& email) = 0;
  [[nodiscard]] virtual std::optional<User> find(const std::string& email) = 0;
  [[nodiscard]] virtual std::vector<User> all() = 0;

  /// `token_hash` is SHA-256 of the token, raw. Tokens that have expired are dropped on the way.
  virtual void add_token(const std::string& token_hash, const std::string& email, WallTime expires) = 0;
  /// Nothing for a token that is not known or has expired.
  [[nodiscard]] virtual std::optional<TokenOwner> owner_of(const std::string& token_hash) = 0;

  virtual void note(std::span<const AuditRow> rows) = 0;
};

[[nodiscard]] std::unique_ptr<Accounts> open_accounts(const std::filesystem::path& data_dir);

}  // namespace kbeat::store
