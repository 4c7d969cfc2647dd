#pragma once

#include <eucv/core/json.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/core/random.hpp>
#include <eucv/net/http.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/canned_transport.hpp"

namespace test {

/// The query of a request line, decoded, in order.
inline std::vector<std::pair<std::string, std::string>> decoded_query(std::string_view target) {
  std::vector<std::pair<std::string, std::string>> found;
  const auto decode = [](std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '%' && i + 2 < text.size()) {
        plain += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
        i += 2;
      } else {
        plain += text[i] == '+' ? ' ' : text[i];
      }
    return plain;
  };
  std::string_view rest = target.substr(std::min(target.find('?') + 1, target.size()));
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    const std::size_t equals = std::min(part.find('='), part.size());
    found.emplace_back(decode(part.substr(0, equals)), decode(part.substr(std::min(equals + 1, part.size()))));
  }
  return found;
}

/// One item of the replayed index.
struct replayed_item {
  std::string id;
  std::vector<std::string> concepts;
  std::string rights = "http://creativecommons.org/licenses/by/4.0/";
  std::string image; ///< edmIsShownBy; empty for none
};

/// An index of items that answers as Europeana's Search API does, as far as a harvest asks: key, concept filter,
/// reusability, seeded order, rows with their clamp, and cursors whose Base64 holds '+', '/' and '='.
class search_replay {
public:
  std::string key = "SECRET-4711-CANARY";
  std::vector<replayed_item> items;
  std::size_t requests = 0;
  bool gives_facets = true;
  /// Looked at before each answer, with the number of the request from 1 on; a reply here is sent instead.
  std::function<std::optional<eucv::net::response>(std::size_t)> fault;

  eucv::net::response operator()(const eucv::net::request& question) {
    ++requests;
    if (fault)
      if (auto reply = fault(requests)) return *reply;
    if (eucv::net::find_header(question.headers, "x-api-key").value_or("") != key)
      return refusal(401, "invalid_apikey", "Unauthorized");
    std::vector<std::string> subjects;
    std::string cursor, sort, reuse;
    std::size_t rows = 12;
    bool facets = false;
    for (const auto& [name, value] :
         question.verb == eucv::net::method::post ? posted(question.body) : decoded_query(question.target.target)) {
      if (name == "wskey") return refusal(400, "400-XX", "this replay takes no key in the address");
      // skos_concept:"A", or (skos_concept:"A" AND (skos_concept:"B" OR skos_concept:"C"))
      if (name == "qf" && value.find("skos_concept:\"") < 2)
        for (std::size_t at = value.find('"'); at < value.size(); at = value.find('"', value.find('"', at + 1) + 1))
          subjects.push_back(value.substr(at + 1, value.find('"', at + 1) - at - 1));
      if (name == "facet" && value == "RIGHTS") facets = gives_facets;
      if (name == "cursor") cursor = value;
      if (name == "sort") sort = value;
      if (name == "reusability") reuse = value;
      if (name == "rows") rows = std::min<std::size_t>(std::stoul(value), 100);
    }
    if (!cursor.empty() && sort.find("europeana_id asc") == std::string::npos)
      return refusal(400, "400-SA", "Invalid search query");
    std::vector<const replayed_item*> matching = search(subjects, sort, reuse);
    const std::size_t begin = cursor.empty() || cursor == "*" ? 0 : position(cursor);
    if (begin == static_cast<std::size_t>(-1)) return refusal(400, "400-SC", "Invalid cursor value, please encode it");
    std::string body = "{\"apikey\":" + eucv::json_string(key) + ",\"success\":true,\"requestNumber\":999,\"items\":[";
    const std::size_t end = std::min(begin + rows, matching.size());
    for (std::size_t i = begin; i < end; ++i) body += (i > begin ? "," : "") + json_of(*matching[i]);
    body += "],\"itemsCount\":" + std::to_string(end > begin ? end - begin : 0) +
            ",\"totalResults\":" + std::to_string(matching.size());
    // As the service: the last page with items still has a next mark, the empty page after it has none.
    if (!cursor.empty() && begin < end) body += ",\"nextCursor\":" + eucv::json_string(mark(end));
    if (facets) body += ",\"facets\":" + facets_of(matching);
    return canned(200, body + "}");
  }

  [[nodiscard]] static eucv::net::response refusal(int status, const std::string& code, const std::string& words) {
    return canned(status, "{\"success\":false,\"error\":" + eucv::json_string(words) +
                              (code.empty() ? "" : ",\"code\":" + eucv::json_string(code)) + "}");
  }

  /// The Base64 mark of a place, and back; -1 for what is no mark.
  [[nodiscard]] static std::string mark(std::size_t place) {
    const std::string bytes = "\xfb\xef\xbe\xff\xff\xff" + std::to_string(place);
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
      const auto byte = [&](std::size_t k) { return k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0U; };
      const unsigned word = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
      for (unsigned k = 0; k < 4; ++k) text += i + k <= bytes.size() ? alphabet[word >> (18 - 6 * k) & 63] : '=';
    }
    return text;
  }
  [[nodiscard]] static std::size_t position(const std::string& text) {
    std::string bytes;
    unsigned word = 0, bits = 0;
    for (const char c : text) {
      if (c == '=') break;
      const std::size_t value = alphabet.find(c);
      if (value == std::string_view::npos) return static_cast<std::size_t>(-1); // an unencoded '+' came as a blank
      word = (word << 6 | static_cast<unsigned>(value)) & 0xffffff;
      if ((bits += 6) >= 8) bytes += static_cast<char>(word >> (bits -= 8) & 255);
    }
    if (!bytes.starts_with("\xfb\xef\xbe\xff\xff\xff")) return static_cast<std::size_t>(-1);
    return std::stoul(bytes.substr(6));
  }

private:
  static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  [[nodiscard]] static std::string word_of(const std::string& rights) {
    return rights.find("/by/") != std::string::npos || rights.find("publicdomain") != std::string::npos ? "open"
           : rights.find("InC") != std::string::npos                                                    ? "permission"
                                                                                                        : "restricted";
  }

  [[nodiscard]] std::vector<const replayed_item*> search(const std::vector<std::string>& subjects,
                                                         const std::string& sort, const std::string& reuse) const {
    const auto has = [](const replayed_item& item, const std::string& subject) {
      return std::ranges::find(item.concepts, subject) != item.concepts.end();
    };
    const auto matches = [&](const replayed_item& item) {
      return !subjects.empty() && has(item, subjects[0]) &&
             (subjects.size() == 1 || std::any_of(subjects.begin() + 1, subjects.end(),
                                                  [&](const std::string& subject) { return has(item, subject); }));
    };
    std::vector<std::pair<std::size_t, const replayed_item*>> found;
    for (const auto& item : items)
      if (matches(item) && (reuse.empty() || reuse.find(word_of(item.rights)) != std::string::npos))
        found.emplace_back(std::hash<std::string>{}(sort.substr(0, sort.find(' ')) + item.id), &item);
    std::ranges::sort(found, [](const auto& a, const auto& b) {
      return std::tie(a.first, a.second->id) < std::tie(b.first, b.second->id);
    });
    std::vector<const replayed_item*> order;
    for (const auto& entry : found) order.push_back(entry.second);
    return order;
  }

  // The parameters of a POST, lists taken apart.
  static std::vector<std::pair<std::string, std::string>> posted(const std::string& body) {
    std::vector<std::pair<std::string, std::string>> found;
    const auto text = [](const boost::json::value& value) {
      return value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
    };
    const boost::json::value whole = eucv::parse_json(body, "the body");
    for (const auto& [key, value] : whole.as_object()) {
      const std::string name(key.data(), key.size());
      if (!value.is_array()) found.emplace_back(name, text(value));
      if (value.is_array()) {
        std::string joined;
        for (const auto& element : value.get_array()) {
          if (name == "qf") found.emplace_back(name, text(element));
          joined += (joined.empty() ? "" : ",") + text(element);
        }
        if (name != "qf") found.emplace_back(name, joined);
      }
    }
    return found;
  }

  static std::string facets_of(const std::vector<const replayed_item*>& matching) {
    std::map<std::string, std::size_t> counts;
    for (const auto* item : matching) ++counts[item->rights];
    std::string fields;
    for (const auto& [rights, count] : counts)
      fields += (fields.empty() ? "" : ",") + ("{\"label\":" + eucv::json_string(rights)) +
                ",\"count\":" + std::to_string(count) + "}";
    return "[{\"name\":\"RIGHTS\",\"fields\":[" + fields + "]}]";
  }

  [[nodiscard]] std::string json_of(const replayed_item& item) const {
    const auto list = [](const std::string& text) { return "[" + eucv::json_string(text) + "]"; };
    std::string concepts;
    for (const auto& uri : item.concepts) concepts += (concepts.empty() ? "" : ",") + eucv::json_string(uri);
    return "{\"edmConcept\":[" + concepts + "],\"id\":" + eucv::json_string(item.id) +
           ",\"type\":\"IMAGE\",\"title\":" + list("Title of\n" + item.id) +
           (item.image.empty() ? std::string() : ",\"edmIsShownBy\":" + list(item.image)) +
           ",\"rights\":" + list(item.rights) + ",\"dataProvider\":" + list("=Museum, \"of\" things") +
           ",\"provider\":" + list("Aggregator") + ",\"country\":" + list("Netherlands") +
           ",\"edmIsShownAt\":" + list("http://museum.example/?wskey=" + key + "&id=" + item.id) +
           ",\"guid\":" + eucv::json_string("https://www.europeana.eu/item" + item.id + "?utm_campaign=" + key) +
           ",\"link\":" + eucv::json_string("https://api.europeana.eu/record" + item.id + ".json?wskey=" + key) + "}";
  }
};

} // namespace test
