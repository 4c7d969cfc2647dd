#include <eucv/core/random.hpp>
#include <eucv/download/host_queue.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

using eucv::download::host_queue;

TEST_CASE("hosts take turns, none has more open than it may") {
  host_queue queue(2);
  for (std::size_t i = 0; i < 5; ++i) queue.add("a", i);
  queue.add("b", 10);
  queue.add("b", 11);
  CHECK(queue.hosts() == 2);
  CHECK(queue.waiting() == 7);
  const auto a0 = queue.take(), b10 = queue.take(), a1 = queue.take(), b11 = queue.take();
  REQUIRE((a0 && b10 && a1 && b11));
  CHECK(a0->item == 0);
  CHECK(b10->item == 10);
  CHECK(a1->item == 1);
  CHECK(b11->item == 11);
  CHECK_FALSE(queue.take()); // a has two open, b has no more
  queue.done(*b10);
  CHECK_FALSE(queue.take());
  queue.done(*a1);
  CHECK(queue.take()->item == 2);
  CHECK_FALSE(queue.take());
  CHECK(queue.waiting() == 2);
}

TEST_CASE("workers that end when they get nothing leave no item and no room unused") {
  eucv::random random(3);
  for (int round = 0; round < 50; ++round) {
    const std::size_t per_host = 1 + random.below(4), jobs = 1 + random.below(20), hosts = 1 + random.below(12);
    host_queue queue(per_host);
    std::size_t items = 0;
    for (std::size_t h = 0; h < hosts; ++h)
      for (auto left = random.below(40); left > 0; --left) queue.add("host" + std::to_string(h), items++);
    std::vector<host_queue::ticket> open;
    for (std::size_t j = 0; j < jobs; ++j)
      if (const auto taken = queue.take()) open.push_back(*taken);
    std::map<std::size_t, std::size_t> per;
    std::size_t finished = 0;
    while (!open.empty()) {
      per.clear();
      for (const auto& ticket : open) ++per[ticket.host];
      for (const auto& [host, count] : per) CHECK(count <= per_host);
      // As many are open as the limits and the items left allow.
      const std::size_t all_left = queue.waiting() + open.size();
      if (open.size() < jobs) {
        host_queue copy = queue;
        CHECK_FALSE(copy.take());
      }
      CHECK(all_left + finished == items);
      const std::size_t which = random.below(open.size());
      queue.done(open[which]);
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(which));
      ++finished;
      if (const auto taken = queue.take()) open.push_back(*taken);
    }
    CHECK(finished == items);
    CHECK(queue.waiting() == 0);
  }
}
