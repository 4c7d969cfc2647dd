#include <eucv/nn/host/arena.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

using eucv::nn::arena;
using eucv::nn::lifetime;

namespace {

std::byte* address(const arena::block& block) {
  return block.data<std::byte>();
}

// Takes and frees blocks of many sizes in a fixed disorder, and returns where they lay.
std::vector<std::byte*> step(arena& memory) {
  std::vector<arena::block> live;
  std::vector<std::byte*> places;
  for (std::size_t i = 1; i <= 300; ++i) {
    live.push_back(memory.allocate(i * 7919 % 100'003));
    places.push_back(address(live.back()));
    std::memset(places.back(), 1, i * 7919 % 100'003);
    if (i % 3 == 0) live.erase(live.begin() + static_cast<std::ptrdiff_t>(i * 31 % live.size()));
  }
  return places;
}

} // namespace

TEST_CASE("blocks are aligned to 64 bytes and do not overlap") {
  arena memory;
  for (const lifetime life : {lifetime::step, lifetime::model}) {
    std::vector<arena::block> blocks;
    for (std::size_t bytes : {0U, 1U, 63U, 64U, 65U, 1000U, 5'000'000U}) {
      blocks.push_back(memory.allocate(bytes, life));
      CHECK(reinterpret_cast<std::uintptr_t>(address(blocks.back())) % 64 == 0);
      std::memset(address(blocks.back()), static_cast<int>(blocks.size()), bytes);
    }
    CHECK(*address(blocks[1]) == std::byte{2});
    CHECK(address(blocks[5])[999] == std::byte{6});
  }
}

TEST_CASE("a handle is shared until the last one goes") {
  arena memory;
  arena::block first = memory.allocate(100);
  CHECK(first.unique());
  arena::block second = first;
  CHECK_FALSE(first.unique());
  CHECK(address(first) == address(second));
  first = {};
  CHECK_FALSE(first);
  CHECK_FALSE(first.unique());
  CHECK(second.unique());
  CHECK(memory.count().step_bytes > 0);
  second = {};
  CHECK(memory.count().step_bytes == 0);
}

TEST_CASE("what was freed last is used next, and free neighbours are joined") {
  arena memory;
  arena::block first = memory.allocate(1000), second = memory.allocate(1000), third = memory.allocate(1000);
  std::byte* const place = address(first);
  first = {};
  CHECK(address(first = memory.allocate(900)) == place);
  first = {};
  second = {};
  CHECK(address(first = memory.allocate(2000)) == place);
}

TEST_CASE("from the second step on the system is asked for nothing, and every block lies where it lay") {
  arena memory;
  const auto kept = memory.allocate(1 << 20, lifetime::model);
  const auto places = step(memory);
  const auto after_first = memory.count();
  CHECK(after_first.system_requests > 0);
  for (int i = 0; i < 5; ++i) {
    CHECK(step(memory) == places);
    CHECK(memory.count().system_requests == after_first.system_requests);
    CHECK(memory.count().step_peak == after_first.step_peak);
  }
  CHECK(memory.count().step_bytes == 0);
  CHECK(memory.count().model_bytes > (1 << 20));
}

TEST_CASE("a block outlives the arena it came from") {
  arena::block block;
  {
    arena memory;
    block = memory.allocate(10'000);
  }
  std::memset(address(block), 7, 10'000);
  CHECK(address(block)[9'999] == std::byte{7});
}

TEST_CASE("more than the machine has is refused, and the arena lives on") {
  arena memory;
  CHECK_THROWS_AS(static_cast<void>(memory.allocate(std::size_t{1} << 55)), std::bad_alloc);
  CHECK(memory.allocate(1000));
}

TEST_CASE("blocks may be taken and freed by several threads") {
  arena memory;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&memory] { step(memory); });
  for (auto& each : threads) each.join();
  CHECK(memory.count().step_bytes == 0);
}
