#include <eucv/core/parallel.hpp>

#include <doctest/doctest.h>

#include <barrier>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

TEST_CASE("parts cover a range once, in order, and differ by at most one") {
  for (std::size_t count : {0U, 1U, 7U, 64U, 1000U})
    for (std::size_t pieces : {1U, 2U, 3U, 8U, 64U}) {
      std::size_t next = 0;
      for (std::size_t piece = 0; piece < pieces; ++piece) {
        const auto [begin, end] = eucv::part(count, pieces, piece);
        CHECK(begin == next);
        CHECK(end - begin >= count / pieces);
        CHECK(end - begin <= count / pieces + 1);
        next = end;
      }
      CHECK(next == count);
    }
}

TEST_CASE("every piece runs once, whatever the number of threads") {
  for (std::size_t threads : {1U, 2U, 3U, 8U}) {
    eucv::thread_pool pool(threads);
    CHECK(pool.size() == threads);
    for (int round = 0; round < 200; ++round) {
      std::vector<int> runs(37);
      pool.for_each(runs.size(), [&](std::size_t piece, std::size_t worker) {
        CHECK(worker < threads);
        ++runs[piece];
      });
      CHECK(runs == std::vector<int>(37, 1));
    }
    pool.for_each(0, [](std::size_t) { FAIL("no piece, no call"); });
  }
}

TEST_CASE("each thread begins with the pieces of its own part") {
  constexpr std::ptrdiff_t threads = 3;
  eucv::thread_pool pool(threads);
  std::vector<std::size_t> first(threads);
  for (int round = 0; round < 20; ++round) {
    std::barrier all_here(threads); // no thread is done with its piece before each has one
    pool.for_each(threads, [&](std::size_t piece, std::size_t worker) {
      first[worker] = piece;
      all_here.arrive_and_wait();
    });
    CHECK(first == std::vector<std::size_t>{0, 1, 2});
  }
}

TEST_CASE("a thread that is held up is helped with the pieces of its part") {
  eucv::thread_pool pool(2);
  std::vector<std::size_t> by(8);
  std::atomic<int> others = 0;
  pool.for_each(by.size(), [&](std::size_t piece, std::size_t worker) {
    by[piece] = worker;
    if (piece != 0) {
      ++others;
      return;
    }
    while (others < 7) std::this_thread::yield(); // whoever has the first piece does no later one
  });
  for (std::size_t piece = 1; piece < 4; ++piece) CHECK(by[piece] != by[0]);
}

TEST_CASE("sums over parts have the same bits for any number of threads") {
  std::vector<float> numbers(100'003);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = 1.0F / static_cast<float>(i + 1);
  const auto sum_with = [&](std::size_t threads) {
    eucv::thread_pool pool(threads);
    std::vector<float> partial(16);
    pool.for_each(partial.size(), [&](std::size_t piece) {
      const auto [begin, end] = eucv::part(numbers.size(), partial.size(), piece);
      for (std::size_t i = begin; i < end; ++i) partial[piece] += numbers[i];
    });
    return std::accumulate(partial.begin(), partial.end(), 0.0F);
  };
  CHECK(sum_with(1) == sum_with(2));
  CHECK(sum_with(1) == sum_with(8));
}

TEST_CASE("the exception of the lowest failing piece comes out, and the pool lives on") {
  eucv::thread_pool pool(3);
  std::atomic<int> ran = 0;
  try {
    pool.for_each(20, [&](std::size_t piece) {
      ++ran;
      if (piece >= 4) throw std::runtime_error(std::to_string(piece));
    });
    FAIL("nothing was thrown");
  } catch (const std::runtime_error& failure) {
    CHECK(failure.what() == std::string("4"));
  }
  CHECK(ran == 20);
  int again = 0;
  pool.for_each(1, [&](std::size_t) { ++again; });
  CHECK(again == 1);
}

TEST_CASE("a loop inside a piece runs on the spot") {
  eucv::thread_pool pool(2);
  std::atomic<int> inner = 0;
  pool.for_each(4, [&](std::size_t) { pool.for_each(5, [&](std::size_t) { ++inner; }); });
  CHECK(inner == 20);
}
