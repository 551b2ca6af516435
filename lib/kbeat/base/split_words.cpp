// One pass with the quote that is open.
#include "kbeat/base/split_words.hpp"

#include "kbeat/base/error.hpp"

namespace kbeat {
namespace {

class Splitter {
 public:
  void take(char c) {
    if (m_escaped) {
      m_escaped = false;
      m_word += c;
    } else if (c == '\\' && m_quote != '\'') {
      m_escaped = m_in_word = true;
    } else if (m_quote != '\0') {
      if (c == m_quote) {
        m_quote = '\0';
      } else {
        m_word += c;
      }
    } else if (c == '\'' || c == '"') {
      m_quote = c;
      m_in_word = true;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      end_word();
    } else {
      m_word += c;
      m_in_word = true;
    }
  }

  std::vector<std::string> finish() {
    if (m_quote != '\0') throw Error(ErrorCode::usage, "has a quote that is not closed");
    if (m_escaped) throw Error(ErrorCode::usage, "ends with a backslash");
    end_word();
    return std::move(m_words);
  }

 private:
  void end_word() {
    if (m_in_word) m_words.push_back(std::move(m_word));
    m_word.clear();
    m_in_word = false;
  }

  std::vector<std::string> m_words;
  std::string m_word;
  char m_quote = '\0';
  bool m_in_word = false;
  bool m_escaped = false;
};

}  // namespace

std::vector<std::string> split_words(std::string_view text) {
  Splitter splitter;
  for (const char c : text) splitter.take(c);
  return splitter.finish();
}

}  // namespace kbeat
