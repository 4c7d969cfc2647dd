#include <eucv/nn/host/memory.hpp>

#include <doctest/doctest.h>

#include <mutex>
#include <vector>

TEST_CASE("parts cover the work once, and their number depends on the work alone") {
  for (const std::size_t count : {0U, 1U, 99U, 100U, 12'345U}) {
    std::vector<std::size_t> parts_by_threads;
    for (const std::size_t threads : {1U, 3U}) {
      eucv::thread_pool pool(threads);
      std::vector<int> seen(count);
      std::size_t parts = 0;
      std::mutex mutex;
      eucv::nn::detail::for_parts(pool, count, 100, [&](eucv::range part) {
        std::lock_guard lock(mutex);
        ++parts;
        for (std::size_t i = part.begin; i < part.end; ++i) ++seen[i];
      });
      CHECK(seen == std::vector<int>(count, 1));
      parts_by_threads.push_back(parts);
    }
    CHECK(parts_by_threads[0] == parts_by_threads[1]);
  }
}

TEST_CASE("a transposition there and back is nothing") {
  eucv::thread_pool pool(2);
  std::vector<int> values(2 * 3 * 7);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int>(i);
  std::vector<int> turned(values.size()), back(values.size());
  eucv::nn::detail::transposition<int>{2, 3, 7}.run(pool, values.data(), turned.data());
  CHECK(turned[0] == 0);
  CHECK(turned[1] == 7);
  CHECK(turned[3] == 1);
  CHECK(turned[21] == 21);
  eucv::nn::detail::transposition<int>{2, 7, 3}.run(pool, turned.data(), back.data());
  CHECK(back == values);
}
