// run_with_replay FOLDER PROGRAM ARGUMENTS...: runs a program beside a replay of the service, in FOLDER, which gets
// pictures of two classes below "pictures". In the arguments, @ENDPOINT@ is the address of the replay.
#include "replay_server.hpp"
#include "support/process.hpp"

#include <eucv/core/file.hpp>
#include <eucv/core/random.hpp>
#include <eucv/image/encode.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace {

// Noise in which one colour is stronger: whatever learns at all learns this.
eucv::image::bitmap tinted(std::size_t tint, std::uint64_t seed) {
  eucv::random engine(seed);
  eucv::image::bitmap made{40, 32, std::vector<std::uint8_t>(40 * 32 * 3)};
  for (std::size_t i = 0; i < made.rgb.size(); ++i)
    made.rgb[i] = static_cast<std::uint8_t>(engine.below(160) + (i % 3 == tint ? 90U : 0U));
  return made;
}

replay::collection pictures(const std::filesystem::path& folder) {
  std::vector<replay::item> items;
  std::uint64_t seed = 0;
  for (const auto& [label, uri] : {std::pair("building", "http://data.europeana.eu/concept/29"),
                                   std::pair("map", "http://data.europeana.eu/concept/43")}) {
    eucv::make_folder(folder / label);
    for (int i = 0; i < 24; ++i) {
      replay::item item;
      item.id = "/1/" + std::string(label) + "_" + std::to_string(10 + i);
      item.concepts = {uri};
      item.title = "A " + std::string(label);
      item.file = folder / label / (std::to_string(10 + i) + ".jpg");
      eucv::write_file_atomically(item.file, eucv::image::encode_jpeg(tinted(*label == 'm' ? 2 : 0, ++seed)));
      items.push_back(std::move(item));
    }
  }
  return replay::collection(std::move(items));
}

} // namespace

int main(int count, char** words) {
  if (count < 3) return 2;
  const std::filesystem::path folder = words[1];
  eucv::make_folder(folder);
  std::filesystem::current_path(folder);
  const replay::server server(pictures(std::filesystem::current_path() / "pictures"));
  std::vector<std::string> arguments(words + 3, words + count);
  std::ranges::replace(arguments, std::string("@ENDPOINT@"), server.endpoint());
  const auto end = test::process(words[2], arguments, {.environment = {{"EUROPEANA_API_KEY", server.key()}}}).wait();
  std::cout << end.out;
  std::cerr << end.err;
  return end.status;
}
