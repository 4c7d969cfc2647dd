// run_with_replay FOLDER PROGRAM ARGUMENTS...: runs a program beside a replay of the service, in FOLDER, which gets
// pictures of two classes below "pictures". In the arguments, @ENDPOINT@ is the address of the replay.
#include "replay_server.hpp"
#include "support/picture_folder.hpp"
#include "support/process.hpp"

#include <eucv/core/file.hpp>
#include <eucv/image/encode.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace {

replay::collection pictures(const std::filesystem::path& folder) {
  std::vector<replay::item> items;
  for (const auto& [label, uri] : {std::pair("building", "http://data.europeana.eu/concept/29"),
                                   std::pair("map", "http://data.europeana.eu/concept/43")}) {
    eucv::make_folder(folder / label);
    for (std::size_t number = 10; number < 34; ++number) {
      replay::item item;
      item.id = "/1/" + std::string(label) + "_" + std::to_string(number);
      item.concepts = {uri};
      item.title = "A " + std::string(label);
      item.file = folder / label / (std::to_string(number) + ".jpg");
      eucv::write_file_atomically(item.file,
                                  eucv::image::encode_jpeg(test::coloured_picture(*label == 'm' ? 2 : 0, number)));
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
