#include <eucv/dataset/decoded_cache.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace eucv::dataset;

namespace {

std::shared_ptr<const eucv::image::bitmap> picture(std::size_t width) {
  return std::make_shared<const eucv::image::bitmap>(eucv::image::black(width, 10));
}

} // namespace

TEST_CASE("a picture is found by file and size, and the first one stays") {
  decoded_cache cache(1 << 20);
  const auto kept = picture(3);
  cache.keep("a.jpg", 64, kept);
  cache.keep("a.jpg", 64, picture(4));
  CHECK(cache.find("a.jpg", 64) == kept);
  CHECK(cache.find("a.jpg", 96) == nullptr);
  CHECK(cache.find("b.jpg", 64) == nullptr);
  CHECK(cache.size() == 1);
}

TEST_CASE("the limit holds, and nothing is thrown out for what comes later") {
  decoded_cache cache(10'000);
  for (int i = 0; i < 20; ++i) {
    cache.keep(std::to_string(i), 64, picture(50)); // 1,500 bytes and its name
    CHECK(cache.bytes() <= 10'000);
  }
  CHECK(cache.size() == 5);
  CHECK(cache.find("0", 64) != nullptr);
  CHECK(cache.find("19", 64) == nullptr);
  cache.keep("small", 64, picture(1)); // a small one still fits
  CHECK(cache.find("small", 64) != nullptr);

  decoded_cache none(0);
  none.keep("a", 1, picture(1));
  CHECK(none.size() == 0);
}

TEST_CASE("threads share a cache") {
  decoded_cache cache(1 << 24);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < 200; ++i) {
        const std::string name = std::to_string(i % 50);
        cache.keep(name, 8, picture(i % 50 + 1));
        const auto found = cache.find(name, 8);
        if (!found || found->width != i % 50 + 1) ++wrong;
      }
    });
  for (auto& each : threads) each.join();
  CHECK(wrong == 0);
  CHECK(cache.size() == 50);
}
