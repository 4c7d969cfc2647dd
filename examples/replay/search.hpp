#pragma once

#include "replay/collection.hpp"
#include "replay/cursor_mark.hpp"
#include "replay/expression.hpp"
#include "replay/parameters.hpp"

#include <eucv/core/random.hpp>
#include <eucv/europeana/rights.hpp>
#include <eucv/net/url.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace replay {

/// A status and a JSON body.
struct reply {
  unsigned status = 200;
  std::string body;
};

/// An error reply in the order of fields of the Search API; what is empty is left out.
[[nodiscard]] inline reply refusal(unsigned status, std::string_view key, std::string_view error,
                                   std::string_view message, std::string_view code) {
  boost::json::object body;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) body[{name.data(), name.size()}] = boost::json::string(value.data(), value.size());
  };
  add("apikey", key);
  body["success"] = false;
  add("error", error);
  add("message", message);
  add("code", code);
  return {status, boost::json::serialize(body)};
}

/// Where the image host, of that origin, has the picture of record `number`.
[[nodiscard]] inline std::string image_address(const std::string& origin, const item& record, std::uint32_t number) {
  return origin + "/images/" + std::to_string(number) + "/" +
         eucv::net::percent_encode(record.file.filename().string());
}

/// Europeana's Search API over a collection. For one thread at a time.
class search_engine {
public:
  /// `origin` is that of the image host, such as "http://127.0.0.1:8081".
  search_engine(const collection& records, std::string origin) : records_(&records), origin_(std::move(origin)) {}

  [[nodiscard]] reply answer(const parameters& asked, const std::string& key) {
    const auto refuse = [&](std::string_view error, std::string_view message, std::string_view code) {
      return refusal(400, key, error, message, code);
    };
    const auto text = asked.first("query");
    if (!text) return refuse("Required parameter 'query' missing", {}, {});
    if (text->find_first_not_of(' ') == std::string::npos) return refuse("Empty query parameter", {}, "400-SE");
    std::size_t rows = 12, start = 1;
    for (const auto& [name, number] : {std::pair{"rows", &rows}, std::pair{"start", &start}})
      if (const auto value = asked.first(name); value && !read_number(*value, *number))
        return refuse("Invalid query", "Type mismatch: " + std::string(name) + "=" + *value, {});
    rows = std::min<std::size_t>(rows, 100);
    const auto cursor = asked.first("cursor");
    if (cursor && start > 1) return refuse("Parameters 'start' and 'cursor' cannot be used together", {}, "400-SD");
    if (!cursor && start - 1 + rows > 1000)
      return refuse("It is not possible to paginate beyond the first 1000 search results", {}, "400-SL");

    std::string sort = joined(asked.all("sort"));
    if (cursor && !sort.empty() && sort.find("europeana_id") == std::string::npos)
      return refuse("Invalid search query",
                    "Cursor functionality requires a sort containing a uniqueKey field tie breaker", "400-SA");
    std::size_t position = start - 1;
    if (cursor && *cursor != "*") {
      const auto mark = cursor_mark::parse(*cursor);
      if (!mark || mark->sort != sort) return refuse("Invalid cursor value, please encode it", {}, "400-SC");
      position = mark->position;
    }
    try {
      const numbers& list = found(asked, *text, sort);
      const bool facets = joined(asked.all("profile")).find("facets") != std::string::npos;
      const auto fields = facets ? asked.all("facet") : std::vector<std::string>();
      return page(list, position, rows, cursor ? &sort : nullptr, key, fields);
    } catch (const bad_expression& fault) {
      return refuse("Invalid search query", fault.what(), "400-SA");
    }
  }

private:
  using numbers = std::vector<std::uint32_t>;

  static bool read_number(const std::string& text, std::size_t& number) {
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    return fault == std::errc() && end == text.data() + text.size();
  }
  static std::string joined(const std::vector<std::string>& values) {
    std::string line;
    for (const auto& value : values) line += (line.empty() ? "" : ",") + value;
    return line;
  }

  // The service joins the filters on one field by OR: what stands before the first colon is the field.
  static std::vector<std::string> merged(const std::vector<std::string>& filters) {
    std::vector<std::pair<std::string, std::vector<std::string>>> groups;
    for (const auto& filter : filters) {
      const std::size_t colon = filter.find(':');
      if (colon == std::string::npos) throw bad_expression("a filter without a field");
      const std::string name = filter.substr(0, colon);
      auto group = std::ranges::find(groups, name, [](const auto& g) { return g.first; });
      if (group == groups.end()) group = groups.insert(groups.end(), {name, {}});
      group->second.push_back(filter.substr(colon + 1));
    }
    std::vector<std::string> expressions;
    for (const auto& [name, values] : groups) {
      std::string all;
      for (const auto& value : values) all += (all.empty() ? "" : " OR ") + value;
      expressions.push_back(name + ":" + (values.size() > 1 ? "(" + all + ")" : all));
    }
    return expressions;
  }

  // The numbers of the records that match, in the order asked for. Kept for the pages that follow, but for the random
  // order without a seed, which the service shuffles anew for each page.
  const numbers& found(const parameters& asked, const std::string& text, const std::string& sort) {
    std::string filter = "(" + text + ")", name;
    for (const auto& one : merged(asked.all("qf"))) filter += " AND (" + one + ")";
    const std::string reuse = joined(asked.all("reusability"));
    const bool media = asked.first("media").value_or("false") == "true";
    name = filter + '\n' + reuse + '\n' + (media ? "media" : "any") + '\n';
    auto match = kept_.find(name);
    if (match == kept_.end()) match = kept_.emplace(name, matching(expression(filter), reuse, media)).first;
    if (sort.empty()) return match->second;
    const auto keys = order(sort);
    const bool reshuffled = std::ranges::any_of(keys, [](const sort_key& key) { return key.field == "random"; });
    name += reshuffled ? "shuffled anew" : sort;
    auto ordered = kept_.find(name);
    if (ordered != kept_.end() && !reshuffled) return ordered->second;
    return kept_.insert_or_assign(name, arranged(match->second, keys)).first->second;
  }

  [[nodiscard]] numbers matching(const expression& filter, const std::string& reuse, bool media) const {
    numbers matched;
    auto candidates = filter.candidates(*records_);
    if (!candidates) {
      candidates.emplace(records_->size());
      std::iota(candidates->begin(), candidates->end(), 0U);
    }
    for (const std::uint32_t i : *candidates) {
      const item record = records_->at(i);
      const auto word = eucv::europeana::to_string(eucv::europeana::reusability_of(record.rights));
      const bool allowed = reuse.empty() || reuse.find(word) != std::string::npos;
      if (allowed && (!media || !record.file.empty()) && filter.matches(record)) matched.push_back(i);
    }
    return matched;
  }

  struct sort_key {
    std::string field;
    std::uint64_t seed = 0;
    bool ascending = false; // the service's default is descending
  };
  std::vector<sort_key> order(const std::string& text) {
    std::vector<sort_key> keys;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find_first_of(", +", begin), text.size());
      const std::string word = text.substr(begin, end - begin);
      begin = end + 1;
      if (word.empty()) continue;
      if (word == "asc" || word == "desc") {
        if (keys.empty()) throw bad_expression("an order without a field");
        keys.back().ascending = word == "asc";
      } else if (word == "random") {
        keys.push_back({word, 0x5eed0000 + ++shuffles_});
      } else if (word.starts_with("random_")) {
        keys.push_back({"seeded", std::hash<std::string>()(word)});
      } else if (word == "europeana_id" || word == "score" || word == "timestamp_update" || word == "COMPLETENESS") {
        keys.push_back({word});
      } else {
        throw bad_expression("sort by an undefined field " + word);
      }
    }
    return keys;
  }
  [[nodiscard]] static numbers arranged(numbers list, const std::vector<sort_key>& keys) {
    for (const auto& key : keys) {
      if (key.seed != 0) {
        const eucv::random engine(key.seed);
        std::ranges::sort(list, {}, [&](std::uint32_t i) { return std::pair(engine.fork(i)(), i); });
        return list; // no two are equal here: what follows decides nothing
      }
      if (key.field == "europeana_id") {
        if (!key.ascending) std::ranges::reverse(list);
        return list;
      }
    }
    return list;
  }

  [[nodiscard]] reply page(const numbers& list, std::size_t position, std::size_t rows, const std::string* sort,
                           const std::string& key, const std::vector<std::string>& fields) const {
    boost::json::array items;
    for (std::size_t i = position; i < std::min(position + rows, list.size()); ++i)
      items.push_back(shown(records_->at(list[i]), list[i], key));
    boost::json::object body{{"apikey", key},
                             {"success", true},
                             {"requestNumber", 999},
                             {"itemsCount", items.size()},
                             {"totalResults", list.size()}};
    // The mark of the last page points to an empty one; that one's mark would be its own, so it has none.
    if (sort != nullptr && !items.empty()) body["nextCursor"] = cursor_mark{position + items.size(), *sort}.text();
    body["items"] = std::move(items);
    if (!fields.empty()) body["facets"] = facets(list, fields);
    return {200, boost::json::serialize(body)};
  }

  // Counts of the fields that a dry run asks for, the most frequent value first.
  [[nodiscard]] boost::json::array facets(const numbers& list, const std::vector<std::string>& fields) const {
    boost::json::array all;
    for (const auto& field : fields) {
      std::map<std::string, std::size_t> counts;
      for (const std::uint32_t i : list) {
        const item record = records_->at(i);
        if (field == "RIGHTS") ++counts[record.rights];
        if (field == "TYPE") ++counts[record.type];
        if (field == "COUNTRY") ++counts[record.country];
        if (field == "DATA_PROVIDER") ++counts[record.data_provider];
      }
      std::vector<std::pair<std::string, std::size_t>> order(counts.begin(), counts.end());
      std::ranges::stable_sort(order, std::greater<>(), [](const auto& entry) { return entry.second; });
      boost::json::array values;
      for (const auto& [label, count] : order) values.push_back({{"label", label}, {"count", count}});
      if (!values.empty()) all.push_back({{"name", field}, {"fields", std::move(values)}});
    }
    return all;
  }

  // As profile=standard shows an item: nearly everything is an array, what is empty is left out, and `guid` and `link`
  // carry the caller's key.
  [[nodiscard]] boost::json::object shown(const item& record, std::uint32_t number, const std::string& key) const {
    boost::json::object fields;
    const auto list = [&](std::string_view name, const std::vector<std::string>& values) {
      boost::json::array array;
      for (const auto& value : values)
        if (!value.empty()) array.emplace_back(boost::json::string(value));
      if (!array.empty()) fields[{name.data(), name.size()}] = std::move(array);
    };
    fields["completeness"] = 10;
    list("country", {record.country});
    list("dataProvider", {record.data_provider});
    list("dcCreator", {record.creator});
    list("edmConcept", record.concepts);
    list("edmIsShownAt", {origin_ + "/pages" + record.id});
    if (!record.file.empty()) {
      const std::string image = image_address(origin_, record, number);
      list("edmIsShownBy", {image});
      list("edmPreview",
           {"https://api.europeana.eu/thumbnail/v2/url.json?uri=" + eucv::net::percent_encode(image) + "&type=IMAGE"});
    }
    fields["guid"] = "https://www.europeana.eu/item" + record.id + "?utm_source=api&utm_medium=api&utm_campaign=" + key;
    fields["id"] = record.id;
    fields["index"] = 0;
    list("language", {record.language});
    fields["link"] = "https://api.europeana.eu/record" + record.id + ".json?wskey=" + key;
    fields["previewNoDistribute"] = false;
    list("provider", {record.provider});
    list("rights", {record.rights});
    fields["score"] = 1;
    list("title", {record.title});
    fields["type"] = record.type;
    return fields;
  }

  const collection* records_;
  std::string origin_;
  std::unordered_map<std::string, numbers> kept_;
  std::uint64_t shuffles_ = 0;
};

} // namespace replay
