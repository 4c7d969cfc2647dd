#include <eucv/dataset/shards.hpp>

#include <eucv/core/json.hpp>
#include <eucv/dataset/batches.hpp>
#include <eucv/dataset/duplicates.hpp>
#include <eucv/dataset/folder.hpp>
#include <eucv/dataset/tar.hpp>

#include "support/code_of.hpp"
#include "support/picture_folder.hpp"
#include "support/temporary_folder.hpp"
#include "support/webp_files.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

using namespace eucv;
using namespace eucv::dataset;

namespace {

// Every file of a folder with its bytes.
std::map<std::string, std::string> content_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> content;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    content[entry.path().filename().string()] = read_file(entry.path());
  return content;
}

} // namespace

TEST_CASE("shards give the same batches as the folder that they were made of") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "pictures", 7);
  const auto pictures = read_image_folder(folder / "pictures");
  const auto done =
      write_shards(pictures, folder / "shards", {.per_shard = 5}, {{pictures.files[0].file, {{"rights", "CC \"0\""}}}});
  CHECK(done.shards == 5);
  CHECK(done.pictures == 21);
  CHECK(done.kept == 0);
  CHECK(done.reasons.empty());
  const auto back = read_image_folder(folder / "shards");
  CHECK(back.labels == pictures.labels);
  REQUIRE(back.files.size() == 21);
  for (std::size_t i = 0; i < 21; ++i) {
    CHECK(back.files[i].label == pictures.files[i].label);
    CHECK(back.files[i].group == pictures.files[i].group);
    CHECK(read_bytes(back.files[i], 1 << 20) == read_file(pictures.files[i].file));
  }
  decoded_cache cache(1 << 20);
  batches from_folder(pictures.files, {.size = 16, .batch = 4, .threads = 1});
  batches from_shards(back.files, {.size = 16, .batch = 4, .threads = 2, .cache = &cache});
  while (auto expected = from_folder.next()) {
    const auto found = from_shards.next();
    REQUIRE(found);
    CHECK(found->pixels == expected->pixels);
    CHECK(found->labels == expected->labels);
  }
  CHECK(cache.size() == 21);
  const auto entries = read_tar(folder / "shards/000000.tar", 1 << 20);
  REQUIRE(entries.size() == 15);
  CHECK(entries[0].name == "000000.png");
  CHECK(entries[1].name == "000000.cls");
  CHECK(entries[2].name == "000000.json");
  const auto facts = parse_json(read_file_part(folder / "shards/000000.tar", {entries[2].offset, entries[2].size}), "");
  CHECK(facts.at("label").as_string() == "map");
  CHECK(facts.at("rights").as_string() == "CC \"0\"");
  CHECK(facts.at("sha256").as_string() == sha256_text(read_file(pictures.files[0].file)).c_str());
}

#ifdef EUCV_WITH_WEBP
TEST_CASE("a picture has the suffix of its format, whatever its file is called") {
  const test::temporary_folder folder;
  std::filesystem::create_directories(folder / "pictures/map");
  const std::string webp = test::make_webp(eucv::image::black(9, 7));
  for (const char* name : {"a.jpg", "b.webp"}) write_file_atomically(folder / "pictures/map" / name, webp);
  CHECK(write_shards(read_image_folder(folder / "pictures"), folder / "shards").pictures == 2);
  CHECK(read_tar(folder / "shards/000000.tar", 1 << 20)[0].name == "000000.webp");
  const auto back = read_shards(folder / "shards");
  REQUIRE(back.files.size() == 2);
  CHECK(read_bytes(back.files[0], 1 << 20) == webp);
}
#endif

TEST_CASE("what is no picture is passed over and counted") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "pictures", 2);
  write_file_atomically(folder / "pictures/map/page.jpg", "<html>");
  const auto done = write_shards(read_image_folder(folder / "pictures"), folder / "shards", {.per_shard = 100});
  CHECK(done.pictures == 6);
  CHECK(done.reasons == std::map<std::string, std::size_t>{{"not_an_image", 1}});
  CHECK(read_shards(folder / "shards").files.size() == 6);
}

TEST_CASE("killed at any moment, the same call ends with the bytes of an unbroken run") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "pictures", 6);
  const auto pictures = read_image_folder(folder / "pictures");
  (void)write_shards(pictures, folder / "whole", {.per_shard = 5});
  const auto expected = content_of(folder / "whole");
  int broken = 0;
  for (int round = 0; round < 10; ++round) {
    const auto place = folder / std::to_string(round);
    const pid_t child = ::fork();
    if (child == 0) {
      (void)write_shards(pictures, place, {.per_shard = 5});
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(900 * round));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    broken += std::filesystem::exists(place / shard_index) ? 0 : 1;
    const auto done = write_shards(pictures, place, {.per_shard = 5});
    CHECK(done.shards == 4);
    REQUIRE(content_of(place) == expected);
  }
  CHECK(broken > 0);
  MESSAGE(broken, " of 10 runs were broken off");
}

TEST_CASE("a run that is asked to stop goes on later, and other pictures are refused") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "pictures", 4);
  const auto pictures = read_image_folder(folder / "pictures");
  std::stop_source stop;
  const shard_options stopping{
      .per_shard = 5, .progress = [&](const progress&) { stop.request_stop(); }, .stop = stop.get_token()};
  CHECK(test::code_of([&] { (void)write_shards(pictures, folder / "s", stopping); }) == errc::interrupted);
  CHECK_FALSE(std::filesystem::exists(folder / "s" / shard_index));
  CHECK(test::code_of([&] { (void)write_shards(pictures, folder / "s", {.per_shard = 4}); }) == errc::invalid_argument);
  CHECK(write_shards(pictures, folder / "s", {.per_shard = 5}).kept == 1);
  CHECK(write_shards(pictures, folder / "s", {.per_shard = 5}).kept == 3);
  auto others = pictures;
  others.files.pop_back();
  CHECK(test::code_of([&] { (void)write_shards(others, folder / "s", {.per_shard = 5}); }) == errc::invalid_argument);
  CHECK(test::code_of([&] { (void)write_shards(pictures, folder / "t", {.per_shard = 0}); }) == errc::invalid_argument);
}

TEST_CASE("shards that are not whole are refused") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "pictures", 2);
  (void)write_shards(read_image_folder(folder / "pictures"), folder / "s", {.per_shard = 3});
  const auto shard = folder / "s/000001.tar";
  const std::string bytes = read_file(shard), index = read_file(folder / "s" / shard_index);
  const auto code = [&] { return test::code_of([&] { (void)read_shards(folder / "s"); }); };
  CHECK(code() == errc{});
  write_file_atomically(shard, bytes.substr(0, bytes.size() / 2));
  CHECK(code() == errc::bad_format);
  std::filesystem::remove(shard);
  CHECK(code() == errc::not_found);
  write_file_atomically(shard, tar_header("1.jpg", 0) + tar_end());
  CHECK(code() == errc::bad_format);
  const std::string cls = tar_header("1.cls", 1) + "7" + tar_padding(1),
                    picture = tar_header("1.jpg", 1) + "x" + tar_padding(1);
  write_file_atomically(shard, picture + cls + tar_header("1.json", 0) + tar_end());
  CHECK(code() == errc::bad_format);
  write_file_atomically(shard, bytes);
  for (const char* wrong : {"", "[]", "{}", "{\"labels\": [], \"shards\": []}", "{\"labels\": [1], \"shards\": []}"}) {
    write_file_atomically(folder / "s" / shard_index, wrong);
    CHECK(code() == errc::bad_format);
  }
}
