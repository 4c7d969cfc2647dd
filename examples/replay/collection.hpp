#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace replay {

/// What the image host answers when it is asked for the picture of an item.
enum class picture : std::uint8_t {
  file,    ///< the file, with status 200
  missing, ///< status 404: link rot
  page,    ///< an HTML page with status 200, as hosts do that moved their pictures
};

/// One record of a collection, with what a search can ask for and what a reply shows.
struct item {
  std::string id; ///< "/DATASET/LOCAL"
  std::vector<std::string> concepts;
  std::string title, creator;
  std::filesystem::path file; ///< the picture; empty means that the record has no edmIsShownBy
  picture answer = picture::file;
  std::string rights = "http://creativecommons.org/publicdomain/mark/1.0/";
  std::string data_provider = "Replay Museum", provider = "Replay Aggregator";
  std::string country = "Netherlands", language = "en", type = "IMAGE";
};

/// The records behind a replay: a list, or a function that invents record number i when it is asked for.
///
/// The order by id is the order of the numbers, so an invented collection must have ascending ids.
class collection {
public:
  explicit collection(std::vector<item> items)
      : size_(items.size()), item_([list = sorted(std::move(items))](std::size_t i) { return list[i]; }) {
    index();
  }
  collection(std::size_t size, std::function<item(std::size_t)> invent) : size_(size), item_(std::move(invent)) {
    index();
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] item at(std::size_t i) const { return item_(i); }

  /// Numbers of the records with a concept, ascending; empty for one that nobody uses, such as an old /base/ URI.
  [[nodiscard]] const std::vector<std::uint32_t>& with_concept(const std::string& uri) const {
    static const std::vector<std::uint32_t> none;
    const auto found = by_concept_.find(uri);
    return found == by_concept_.end() ? none : found->second;
  }

private:
  static std::vector<item> sorted(std::vector<item> items) {
    std::ranges::sort(items, {}, &item::id);
    return items;
  }
  void index() {
    for (std::size_t i = 0; i < size_; ++i)
      for (const auto& uri : at(i).concepts) by_concept_[uri].push_back(static_cast<std::uint32_t>(i));
  }

  std::size_t size_;
  std::function<item(std::size_t)> item_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> by_concept_;
};

/// `count` records without end of patience: subject i % subjects, all with the same picture. For benchmarks.
[[nodiscard]] inline collection invented(std::size_t count, std::vector<std::string> concepts,
                                         std::filesystem::path file) {
  return {count, [concepts = std::move(concepts), file = std::move(file)](std::size_t i) {
            std::string number = std::to_string(i);
            number.insert(0, 9 - std::min<std::size_t>(number.size(), 9), '0');
            item made;
            made.id = "/9000/invented_" + number;
            made.concepts = {concepts[i % concepts.size()]};
            made.title = "Invented record " + number;
            made.file = file;
            return made;
          }};
}

} // namespace replay
