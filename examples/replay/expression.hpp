#pragma once

#include "replay/collection.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace replay {

/// A query that the search engine refuses; becomes 400-SA.
struct bad_expression : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The part of Lucene's query language that searches for pictures use: fields, quoted and plain values, `*`, groups,
/// AND, OR, NOT, with AND where nothing stands between two terms.
class expression {
public:
  explicit expression(std::string_view text) {
    parser reader{text};
    root_ = reader.any(std::string());
    reader.blanks();
    if (!reader.rest.empty()) throw bad_expression("unexpected \"" + std::string(reader.rest) + "\"");
  }

  [[nodiscard]] bool matches(const item& record) const { return matches(root_, record); }

  /// The records that can match, where a concept narrows them down, so that a million need not be looked at.
  [[nodiscard]] std::optional<std::vector<std::uint32_t>> candidates(const collection& records) const {
    return candidates(root_, records);
  }

private:
  enum class kind { term, all_of, any_of, none_of };
  struct node {
    kind what = kind::term;
    std::string field, value;
    bool prefix = false; // the value ended in a `*` that was not quoted
    std::vector<node> children;
  };

  struct parser {
    std::string_view rest;

    void blanks() {
      while (!rest.empty() && std::isspace(static_cast<unsigned char>(rest.front())) != 0) rest.remove_prefix(1);
    }
    bool word(std::string_view expected) {
      blanks();
      if (!rest.starts_with(expected)) return false;
      const std::string_view after = rest.substr(expected.size());
      if (!after.empty() && after.front() != ' ' && after.front() != '(' && after.front() != '"') return false;
      rest = after;
      return true;
    }
    bool sign(char expected) {
      blanks();
      if (rest.empty() || rest.front() != expected) return false;
      rest.remove_prefix(1);
      return true;
    }
    static node join(kind what, std::vector<node> children) {
      if (children.size() == 1) return std::move(children.front());
      return {what, {}, {}, false, std::move(children)};
    }

    node any(const std::string& field) {
      std::vector<node> children;
      do children.push_back(all(field));
      while (word("OR"));
      return join(kind::any_of, std::move(children));
    }
    node all(const std::string& field) {
      std::vector<node> children;
      do {
        const bool negated = word("NOT");
        node child = one(field);
        if (negated) child = {kind::none_of, {}, {}, false, {std::move(child)}};
        children.push_back(std::move(child));
        blanks();
      } while (word("AND") || (!rest.empty() && rest.front() != ')' && !rest.starts_with("OR ")));
      return join(kind::all_of, std::move(children));
    }
    node one(const std::string& field) {
      if (sign('(')) {
        node group = any(field);
        if (!sign(')')) throw bad_expression("a parenthesis is not closed");
        return group;
      }
      node term{kind::term, field, {}, false, {}};
      if (sign('"')) {
        while (!rest.empty() && rest.front() != '"') term.value += character();
        if (!sign('"')) throw bad_expression("a quotation mark is not closed");
        return term;
      }
      while (!rest.empty() && rest.front() != ' ' && rest.front() != ')' && rest.front() != '(') {
        if (rest.front() == ':' && field.empty()) {
          rest.remove_prefix(1);
          return one(checked(term.value));
        }
        if (std::string_view(":[]{}\"^~").find(rest.front()) != std::string_view::npos)
          throw bad_expression("unexpected \"" + std::string(1, rest.front()) + "\"");
        term.prefix = rest.front() == '*';
        if (!term.prefix)
          term.value += character();
        else
          rest.remove_prefix(1);
      }
      if (term.value.empty() && !term.prefix) throw bad_expression("a term is missing");
      return term;
    }
    char character() {
      if (rest.front() == '\\' && rest.size() > 1) rest.remove_prefix(1);
      const char c = rest.front();
      rest.remove_prefix(1);
      return c;
    }
    static const std::string& checked(const std::string& field) {
      static const std::set<std::string, std::less<>> known{
          "",        "skos_concept",  "TYPE",     "RIGHTS",        "europeana_id",
          "COUNTRY", "DATA_PROVIDER", "PROVIDER", "LANGUAGE",      "provider_aggregation_edm_isShownBy",
          "title",   "contentTier",   "what",     "proxy_dc_type", "proxy_dc_creator"};
      if (!known.contains(field)) throw bad_expression("undefined field " + field);
      return field;
    }
  };

  static bool equal(const std::string& held, const node& term) {
    return term.prefix ? held.starts_with(term.value) && !held.empty() : held == term.value;
  }
  // As an analysed text field: whole words, upper and lower case alike.
  static bool holds_words(const std::string& text, const node& term) {
    const auto lower = [](std::string letters) {
      std::ranges::transform(letters, letters.begin(),
                             [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      return letters;
    };
    if (term.prefix && term.value.empty()) return true;
    const std::string where = lower(text), what = lower(term.value);
    const auto letter = [&](std::size_t i) {
      return i < where.size() && std::isalnum(static_cast<unsigned char>(where[i])) != 0;
    };
    for (std::size_t at = where.find(what); at != std::string::npos; at = where.find(what, at + 1))
      if ((at == 0 || !letter(at - 1)) && (term.prefix || !letter(at + what.size()))) return true;
    return false;
  }

  static bool matches(const node& n, const item& record) {
    const auto holds = [&](const node& child) { return matches(child, record); };
    switch (n.what) {
    case kind::all_of: return std::ranges::all_of(n.children, holds);
    case kind::any_of: return std::ranges::any_of(n.children, holds);
    case kind::none_of: return !holds(n.children.front());
    case kind::term: break;
    }
    if (n.field == "skos_concept")
      return std::ranges::any_of(record.concepts, [&](const std::string& uri) { return equal(uri, n); });
    if (n.field == "TYPE") {
      node upper = n;
      std::ranges::transform(upper.value, upper.value.begin(),
                             [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      return equal(record.type, upper);
    }
    if (n.field == "RIGHTS") return equal(record.rights, n);
    if (n.field == "europeana_id") return equal(record.id, n);
    if (n.field == "COUNTRY") return equal(record.country, n);
    if (n.field == "DATA_PROVIDER") return equal(record.data_provider, n);
    if (n.field == "PROVIDER") return equal(record.provider, n);
    if (n.field == "LANGUAGE") return equal(record.language, n);
    if (n.field == "contentTier") return equal("4", n);
    if (n.field == "provider_aggregation_edm_isShownBy") return !record.file.empty() && n.prefix && n.value.empty();
    return holds_words(record.title + " " + record.creator, n);
  }

  static std::optional<std::vector<std::uint32_t>> candidates(const node& n, const collection& records) {
    if (n.what == kind::term && n.field == "skos_concept" && !n.prefix) return records.with_concept(n.value);
    if (n.what == kind::all_of)
      for (const auto& child : n.children)
        if (auto found = candidates(child, records)) return found;
    if (n.what == kind::any_of) {
      std::vector<std::uint32_t> united;
      for (const auto& child : n.children) {
        const auto found = candidates(child, records);
        if (!found) return std::nullopt;
        united.insert(united.end(), found->begin(), found->end());
      }
      std::ranges::sort(united);
      united.erase(std::unique(united.begin(), united.end()), united.end());
      return united;
    }
    return std::nullopt;
  }

  node root_;
};

} // namespace replay
