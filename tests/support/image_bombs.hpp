#pragma once

#include "support/tiny_images.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Small files that ask a decoder for far more than they are worth, made in memory.
namespace test {

/// A file, and the answers that are right: reasons of a refusal, or "picture".
struct image_bomb {
  std::string name, bytes;
  std::vector<std::string> answers;
};

/// A progressive JPEG of one flat component whose scans beyond the first refine nothing, `scans` in all: 11 bytes and a
/// bit for each 32,767 blocks a scan, so that what they cost a decoder is out of all proportion.
inline std::string jpeg_of_scans(std::size_t side, std::size_t scans) {
  const std::vector<std::uint8_t> grey(side * side, 128);
  const std::string once =
      make_jpeg(grey.data(), side, side, {.channels = 1, .order = jpeg_order::progressive, .scans = 2});
  return with_repeated_scan(once, scans - 2);
}

/// The JPEG with its frame header changed to say another size.
inline std::string with_stated_size(std::string jpeg, std::size_t width, std::size_t height) {
  for (const char* frame : {"\xFF\xC0", "\xFF\xC2"})
    if (const std::size_t at = jpeg.find(frame); at != std::string::npos)
      jpeg.replace(at + 5, 4, big(height, 2) + big(width, 2));
  return jpeg;
}

/// A text so many times.
inline std::string repeated(std::string_view text, std::size_t times) {
  std::string made;
  made.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) made += text;
  return made;
}

/// All of them; made in some seconds. `inflated` is the size of what a stream of zeros grows to, in MiB.
inline std::vector<image_bomb> image_bombs(std::size_t inflated = 600) {
  const std::string stream = deflate_zeros(inflated);
  const auto png_with = [](const std::string& chunk) {
    return make_png({.width = 3, .height = 3, .before_data = chunk}, [](auto...) { return 77U; });
  };
  const std::string size = std::to_string(inflated) + " MiB";
  const std::string small = make_jpeg(waves(16, 16)), middle = small.substr(2);
  std::vector<image_bomb> bombs{
      {"PNG 64 x 64 whose data inflates to " + size,
       png_with_data({.width = 64, .height = 64}, stream),
       {"picture", "corrupt_image", "out_of_budget"}},
      {"interlaced PNG 64 x 64 whose data inflates to " + size,
       png_with_data({.width = 64, .height = 64, .interlaced = true}, stream),
       {"picture", "corrupt_image", "out_of_budget"}},
      {"PNG with a palette whose data inflates to " + size,
       png_with_data({.width = 64, .height = 64, .colour = 3, .before_data = png_chunk("PLTE", std::string(6, 'p'))},
                     stream),
       {"picture", "corrupt_image", "out_of_budget"}},
      {"PNG with an iCCP of " + size, png_with(png_chunk("iCCP", std::string("name\0\0", 6) + stream)), {"picture"}},
      {"PNG with a zTXt of " + size, png_with(png_chunk("zTXt", std::string("key\0\0", 5) + stream)), {"picture"}},
      {"PNG with an iTXt of " + size,
       png_with(png_chunk("iTXt", std::string("key\0\1\0\0\0", 8) + stream)),
       {"picture"}},
      {"PNG 50,000 x 50,000", png_with_data({.width = 50'000, .height = 50'000}, deflate("x")), {"too_many_pixels"}},
      {"PNG 2^31 - 1 x 2^31 - 1",
       png_with_data({.width = 0x7FFFFFFF, .height = 0x7FFFFFFF}, deflate("x")),
       {"too_many_pixels"}},
      {"JPEG 50,000 x 50,000", with_stated_size(small, 50'000, 50'000), {"too_many_pixels"}},
      {"JPEG 65,500 x 65,500", with_stated_size(small, 65'500, 65'500), {"too_many_pixels"}},
      {"JPEG 8,000 x 8,000 of few bytes", with_stated_size(small, 8'000, 8'000), {"corrupt_image"}},
      {"JPEG 65,500 x 64",
       make_jpeg(std::vector<std::uint8_t>(65'500 * 64).data(), 65'500, 64, {.channels = 1}),
       {"picture"}},
      {"PNG 8,000 x 8,000 of few bytes",
       png_with_data({.width = 8'000, .height = 8'000}, deflate("x")),
       {"corrupt_image"}},
      {"PNG 1 x 65,500", make_png({.width = 1, .height = 65'500}, [](auto...) { return 9U; }), {"picture"}},
      {"JPEG 4,096 x 4,096 of 1,000 scans", jpeg_of_scans(4096, 1000), {"too_many_scans"}},
      {"JPEG 4,096 x 4,096 of 2,000 scans", jpeg_of_scans(4096, 2000), {"too_many_scans"}},
      {"JPEG 4,096 x 4,096 of 100 scans", jpeg_of_scans(4096, 100), {"too_many_scans"}},
      {"JPEG with 64 MB of fill bytes",
       small.substr(0, 2) + std::string(60 << 20, '\xFF') + middle,
       {"picture", "corrupt_image"}},
      {"JPEG with 15 million empty segments",
       small.substr(0, 2) + repeated({"\xFF\xEC\0\2", 4}, 15'000'000) + middle,
       {"picture", "corrupt_image"}},
      {"PNG with 5 million empty chunks",
       make_png({.width = 3, .height = 3, .before_data = repeated(png_chunk("teXt", ""), 5'000'000)},
                [](auto...) { return 77U; }),
       {"picture", "corrupt_image"}},
  };
  // 3,000 tables a segment of 64 KB, each of one code, a thousand times: stb_image builds each of them.
  const std::string table = '\0' + std::string(1, '\1') + std::string(15, '\0') + '\0';
  const std::string tables = repeated(table, 3'000);
  const std::string segment = "\xFF\xC4" + big(tables.size() + 2, 2) + tables;
  bombs.push_back({"JPEG with 3 million Huffman tables",
                   small.substr(0, 2) + repeated(segment, 1'000) + middle,
                   {"picture", "corrupt_image"}});
  return bombs;
}

} // namespace test
