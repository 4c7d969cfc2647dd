#pragma once

#include "replay/collection.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

/// A stand-in for Europeana on loopback: its Search, Record and Entity APIs and a host of images, for the demo, the
/// tests and benchmarks.
namespace replay {

/// What a request for an API meets instead of an answer.
enum class fault : std::uint8_t {
  limit_reached,  ///< 429 with code 429_limit_personal; the window ends after one second
  internal_error, ///< 500 with a JSON body
  gateway_page,   ///< 503 with HTML, as a proxy sends it
  search_timeout, ///< 400 with code 504-SA: the search engine behind the service timed out
};

struct server_options {
  std::string key = "replay";                  ///< the API key that is accepted
  std::string robots{};                        ///< the text of robots.txt; empty: 404
  std::uint64_t requests_per_hour = 1'000'000; ///< of the key; announced in RateLimit headers
  std::chrono::milliseconds search_delay{0};   ///< before each reply of the Search API
  std::chrono::milliseconds image_delay{0};    ///< before each image
  std::chrono::milliseconds idle{30'000};      ///< a connection that asks for nothing is closed after this
};

/// Serves a collection on 127.0.0.1 from a thread of its own, until it is destroyed. All members may be called from
/// any thread. Compiled once, in replay/server.cpp, for the many who start one.
class server {
public:
  /// Port 0 takes a free one.
  explicit server(collection records, server_options options = {}, std::uint16_t port = 0);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// "http://127.0.0.1:PORT".
  [[nodiscard]] const std::string& origin() const noexcept;
  /// The full address of the Search API.
  [[nodiscard]] std::string endpoint() const { return origin() + "/record/v2/search.json"; }
  [[nodiscard]] const std::string& key() const noexcept;

  /// Requests so far, refused ones among them.
  [[nodiscard]] std::uint64_t searches() const noexcept;
  [[nodiscard]] std::uint64_t images() const noexcept;

  /// The next `count` requests for the APIs meet this fault, after those queued before.
  void queue(fault kind, std::size_t count = 1);

private:
  class listener;
  std::unique_ptr<listener> listener_;
};

} // namespace replay
