#include <eucv/net/ordered_channel.hpp>

#include <eucv/core/random.hpp>
#include <eucv/net/run.hpp>
#include <eucv/net/wait.hpp>
#include <eucv/net/when_all.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace net = eucv::net;

namespace {

// What the tasks of a case share.
struct relay {
  explicit relay(std::size_t capacity) : channel(capacity) {}
  net::ordered_channel<std::unique_ptr<int>> channel; // values need not be copyable
  std::uint64_t given = 0, count = 100;
  std::size_t ahead = 0, most_ahead = 0;
  std::vector<int> taken;
  eucv::random engine{3};
};

net::task<void> work(relay& all) {
  while (all.given < all.count) {
    const std::uint64_t number = all.given++;
    co_await all.channel.room(number);
    all.most_ahead = std::max(all.most_ahead, ++all.ahead);
    co_await net::wait(std::chrono::milliseconds(all.engine.below(3)));
    all.channel.put(number, std::make_unique<int>(static_cast<int>(number)));
  }
}
net::task<void> take(relay& all) {
  while (auto value = co_await all.channel.next()) {
    all.taken.push_back(**value);
    --all.ahead;
  }
}
net::task<void> work_and_close(relay& all, std::size_t workers) {
  std::vector<net::task<void>> tasks;
  for (std::size_t i = 0; i < workers; ++i) tasks.push_back(work(all));
  co_await net::when_all(std::move(tasks));
  all.channel.close(all.count);
}
net::task<void> run_both(relay& all, std::size_t workers) {
  std::vector<net::task<void>> tasks;
  tasks.push_back(take(all));
  tasks.push_back(work_and_close(all, workers));
  co_await net::when_all(std::move(tasks));
}

} // namespace

TEST_CASE("values come in the order of their numbers, whoever is first, and never more than there is room for") {
  for (const std::size_t capacity : {1U, 4U, 200U})
    for (const std::size_t workers : {1U, 8U}) {
      relay all(capacity);
      net::run(run_both(all, workers));
      REQUIRE(all.taken.size() == 100);
      CHECK(std::ranges::is_sorted(all.taken));
      CHECK(all.most_ahead <= capacity + 1); // one more: taken, and not counted yet
    }
}

TEST_CASE("a channel that is closed gives nothing more, and one that is empty ends at once") {
  relay all(4);
  all.count = 0;
  net::run(run_both(all, 3));
  CHECK(all.taken.empty());
}
