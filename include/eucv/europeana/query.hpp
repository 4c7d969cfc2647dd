#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/europeana/expression.hpp>
#include <eucv/europeana/rights.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/url.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::europeana {

/// The parameters of a search, version 2 of Europeana's Search API. A value, without the key and the cursor mark.
///
///     auto portraits = query().match("portrait").filter(field("skos_concept", uri)).reuse({reusability::open});
///
/// A parameter that is not set is not sent.
class query {
public:
  /// The `query` parameter, a Lucene expression, sent unchanged: escape() untrusted text. An empty or blank text,
  /// which the service refuses, becomes "*:*", everything. Another call replaces it.
  query& match(std::string expression) {
    text_ = std::move(expression);
    if (text_.find_first_not_of(" \t\r\n") == std::string::npos) text_ = "*:*";
    return *this;
  }

  /// Adds a `qf` filter, ANDed with the query and the other filters.
  ///
  /// The service joins two filters on the same field by OR, and mangles two that begin with a parenthesis and the same
  /// field. So a second filter on a field throws errc::invalid_argument: write one expression, with all_of() or
  /// any_of().
  query& filter(std::string expression) {
    const std::string_view name = field_of(expression);
    for (const auto& other : filters_)
      if (field_of(other) == name)
        throw error(errc::invalid_argument,
                    {"add a filter", expression,
                     "there is one on " + std::string(name) + " already, and Europeana ORs them",
                     "join them in one expression with all_of() or any_of()"});
    filters_.push_back(std::move(expression));
    return *this;
  }

  /// Only items under these rights; the empty set means all.
  query& reuse(reusability_set words) noexcept { return reusability_ = words, *this; }

  /// Only items whose media file Europeana could fetch at its last check.
  query& with_media() noexcept { return media_ = true, *this; }
  /// Only items with a thumbnail at Europeana.
  query& with_thumbnail() noexcept { return thumbnail_ = true, *this; }
  /// Only items with a page at their provider.
  query& with_landing_page() noexcept { return landing_page_ = true, *this; }
  /// Only items whose full text is indexed.
  query& with_full_text() noexcept { return full_text_ = true, *this; }

  /// Only items of one of Europeana's themes: "art", "fashion", "map", "photography" and others. Another call replaces
  /// it.
  query& theme(std::string word) { return theme_ = std::move(word), *this; }
  /// Only items in whose picture this colour is dominant, one of the 120 of CSS as "#RRGGBB"; several colours are
  /// ANDed.
  query& colour(std::string hexadecimal) { return colours_.push_back(std::move(hexadecimal)), *this; }

  /// Adds a facet: the counts of the values of a field, such as "RIGHTS", over all items that match; at most `most`
  /// values, the most frequent first. They are returned in page::facets.
  query& facet(std::string name, std::size_t most = 50) { return facets_.push_back({std::move(name), most}), *this; }

  /// The language of the query, and the one that it is also translated to: "de", "en".
  query& translate(std::string from, std::string to) {
    return source_ = std::move(from), language_target_ = std::move(to), *this;
  }
  /// Labels in this language first.
  query& language(std::string code) { return language_ = std::move(code), *this; }
  /// A boost of the ranking, an expression of Solr.
  query& boost(std::string expression) { return boost_ = std::move(expression), *this; }
  /// The first item, from 1 on, of a page without a cursor; start + rows may not pass 1,001.
  query& start(std::size_t number) noexcept { return start_ = number, *this; }

  /// A seeded random order: the same on every page and at every repetition.
  ///
  /// Plain `sort=random` is shuffled again for each page: 37 % of the rows are duplicates, and as many are missing.
  /// `europeana_id` makes the order total, which a cursor needs.
  query& shuffle(std::uint64_t seed) { return sort("random_" + std::to_string(seed) + " asc"); }

  /// The `sort` parameter; `europeana_id asc` is added where it is missing, since a cursor needs it.
  query& sort(std::string order) {
    sort_ = std::move(order);
    if (sort_.find("europeana_id") == std::string::npos) sort_ += ",europeana_id asc";
    return *this;
  }

  /// The set of fields that are returned: "minimal", "standard" (the default), "rich".
  query& profile(std::string name) { return profile_ = std::move(name), *this; }

  /// Items a page, 0 to 100; a larger number is clamped to 100, as by the service.
  query& rows(std::size_t count) noexcept { return rows_ = std::min<std::size_t>(count, 100), *this; }

  /// Items a page.
  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }

  /// The target of the request for a page: path and percent-encoded query. `mark` is "*" for the first page, then that
  /// of the page before; with an empty mark no cursor is sent, which gives only the first page.
  [[nodiscard]] std::string target(std::string_view path, std::string_view mark) const {
    parameters all = in_body(mark);
    for (auto& each : in_line()) all.push_back(std::move(each));
    return line(path, all);
  }

  /// The request for a page, without a key: GET, or POST with a JSON body where the address would be longer than
  /// longest_address, which servers and proxies cut or refuse.
  [[nodiscard]] net::request request(net::url endpoint, std::string_view mark) const {
    net::request question;
    std::string whole = target(endpoint.target, mark);
    question.target = std::move(endpoint);
    if (whole.size() + question.target.origin().size() <= longest_address) {
      question.target.target = std::move(whole);
      return question;
    }
    question.verb = net::method::post;
    question.target.target = line(question.target.target, in_line());
    question.headers.push_back({"Content-Type", "application/json"});
    question.body = json(mark);
    return question;
  }

  static constexpr std::size_t longest_address = 2000; ///< bytes

  /// The parameters as the JSON object of a POST; those that the service reads only from the address are left out.
  [[nodiscard]] std::string json(std::string_view mark) const {
    std::string text;
    const parameters all = in_body(mark);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const parameter& each = all[i];
      const bool first = i == 0 || all[i - 1].name != each.name,
                 last = i + 1 == all.size() || all[i + 1].name != each.name;
      if (first) text += (text.empty() ? "{" : ",") + json_string(each.json_name) + ":" + (each.is_list ? "[" : "");
      if (!first) text += ',';
      text += each.is_text ? json_string(each.value) : each.value;
      if (last && each.is_list) text += ']';
    }
    return text + "}";
  }

private:
  struct parameter {
    std::string name, value;
    std::string_view json_name = {};
    bool is_list = false, is_text = true;
  };
  using parameters = std::vector<parameter>;
  struct wanted_facet {
    std::string name;
    std::size_t most;
  };

  static std::string line(std::string_view path, const parameters& all) {
    std::string text(path);
    char separator = text.find('?') == std::string::npos ? '?' : '&';
    for (const auto& [name, value, json_name, is_list, is_text] : all) {
      text += std::exchange(separator, '&');
      text.append(name).append("=").append(net::percent_encode(value));
    }
    return text;
  }

  // The parameters that may go into the body of a POST; values of one name are adjacent.
  [[nodiscard]] parameters in_body(std::string_view mark) const {
    parameters all{{"query", text_, "query"}};
    const auto flag = [&](const char* name, std::string_view json_name, bool wanted) {
      if (wanted) all.push_back({name, "true", json_name, false, false});
    };
    for (const auto& expression : filters_) all.push_back({"qf", expression, "qf", true});
    if (!reusability_.empty()) all.push_back({"reusability", to_string(reusability_), "reusability", true});
    flag("media", "media", media_);
    flag("thumbnail", "thumbnail", thumbnail_);
    flag("landingpage", "landingPage", landing_page_);
    flag("text_fulltext", "textFulltext", full_text_);
    if (!theme_.empty()) all.push_back({"theme", theme_, "theme"});
    for (const auto& each : colours_) all.push_back({"colourpalette", each, "colourPalette", true});
    for (const auto& each : facets_) all.push_back({"facet", each.name, "facet", true});
    if (!boost_.empty()) all.push_back({"boost", boost_, "boost"});
    if (!sort_.empty()) all.push_back({"sort", sort_, "sort", true});
    all.push_back({"profile", facets_.empty() ? profile_ : profile_ + ",facets", "profile", true});
    if (start_ != 1) all.push_back({"start", std::to_string(start_), "start", false, false});
    all.push_back({"rows", std::to_string(rows_), "rows", false, false});
    if (!mark.empty()) all.push_back({"cursor", std::string(mark), "cursor"});
    return all;
  }

  // The parameters that the service reads only from the address.
  [[nodiscard]] parameters in_line() const {
    parameters all;
    for (const auto& each : facets_) all.push_back({"f." + each.name + ".facet.limit", std::to_string(each.most)});
    if (!language_.empty()) all.push_back({"lang", language_});
    if (!source_.empty()) all.push_back({"q.source", source_});
    if (!language_target_.empty()) all.push_back({"q.target", language_target_});
    return all;
  }

  // What the service takes for the name of the field: the text before the first colon, parentheses aside.
  static std::string_view field_of(std::string_view expression) {
    expression.remove_prefix(std::min(expression.find_first_not_of("( "), expression.size()));
    return expression.substr(0, expression.find(':'));
  }

  std::string text_ = "*:*";
  std::vector<std::string> filters_, colours_;
  std::vector<wanted_facet> facets_;
  reusability_set reusability_;
  bool media_ = false, thumbnail_ = false, landing_page_ = false, full_text_ = false;
  std::string theme_, boost_, language_, source_, language_target_;
  std::size_t start_ = 1;
  std::string sort_;
  std::string profile_ = "standard";
  std::size_t rows_ = 100;
};

} // namespace eucv::europeana
