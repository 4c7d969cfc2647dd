#include "replay_server.hpp"

#include "replay/other_services.hpp"
#include "replay/parameters.hpp"
#include "replay/search.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/file_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace replay {

class server::listener {
public:
  listener(collection records, server_options options, std::uint16_t port)
      : options_(std::move(options)), records_(std::move(records)), acceptor_(context_, endpoint(port)),
        origin_("http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port())), engine_(records_, origin_),
        left_(options_.requests_per_hour) {
    boost::asio::co_spawn(context_, listen(), boost::asio::detached);
    thread_ = std::thread([this] { context_.run(); });
  }
  ~listener() {
    context_.stop();
    thread_.join();
  }
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  [[nodiscard]] const std::string& origin() const noexcept { return origin_; }
  [[nodiscard]] const std::string& key() const noexcept { return options_.key; }

  [[nodiscard]] std::uint64_t searches() const noexcept { return searches_; }
  [[nodiscard]] std::uint64_t images() const noexcept { return images_; }

  void queue(fault kind, std::size_t count) {
    const std::lock_guard lock(mutex_);
    faults_.insert(faults_.end(), count, kind);
  }

private:
  using stream_type = boost::beast::tcp_stream;
  using request_type = boost::beast::http::request<boost::beast::http::string_body>;
  using text_response = boost::beast::http::response<boost::beast::http::string_body>;
  using file_response = boost::beast::http::response<boost::beast::http::file_body>;
  template <class T>
  using task = boost::asio::awaitable<T>;
  static constexpr auto& await = boost::asio::use_awaitable;

  static boost::asio::ip::tcp::endpoint endpoint(std::uint16_t port) {
    return {boost::asio::ip::address_v4::loopback(), port};
  }

  task<void> listen() {
    while (true) {
      boost::asio::ip::tcp::socket socket = co_await acceptor_.async_accept(await);
      boost::system::error_code ignored; // else a file waits 40 ms behind its header, for a delayed acknowledgement
      socket.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
      boost::asio::co_spawn(context_, talk(stream_type(std::move(socket))), boost::asio::detached);
    }
  }

  task<void> talk(stream_type stream) {
    boost::beast::flat_buffer buffer;
    try {
      for (bool open = true; open;) {
        stream.expires_after(options_.idle);
        request_type request;
        co_await boost::beast::http::async_read(stream, buffer, request, await);
        stream.expires_after(options_.idle);
        open = request.keep_alive();
        co_await answer(stream, request);
      }
    } catch (const boost::system::system_error&) { // the peer went away, or was silent for too long
    }
  }

  task<void> answer(stream_type& stream, const request_type& request) {
    const std::string_view target{request.target().data(), request.target().size()};
    parameters asked(target);
    const bool posted = request.method() == boost::beast::http::verb::post;
    const bool readable = !posted || asked.add_json(request.body());
    const bool api = asked.path == "/record/v2/search.json" || asked.path == "/api/v2/search.json" ||
                     asked.path == "/record/search.json";
    const bool entity = asked.path.starts_with("/entity/");
    const bool of_record = !api && asked.path.starts_with("/record/v2/") && asked.path.ends_with(".json");
    const auto delay = api ? options_.search_delay : options_.image_delay;
    if (delay.count() > 0) {
      boost::asio::steady_timer timer(context_, delay);
      co_await timer.async_wait(await);
    }
    if (api || entity || of_record) {
      ++searches_;
      text_response response = readable ? search(request, asked) : page(400, R"({"success":false,"error":"Bad JSON"})");
      co_await send(stream, request, response);
    } else if (asked.path.starts_with("/images/")) {
      ++images_;
      const std::optional<item> record = find(asked.path);
      if (record && record->answer == picture::file) {
        co_await send_file(stream, request, record->file);
      } else {
        text_response response = record && record->answer == picture::page
                                     ? page(200, "<!DOCTYPE html><title>We have moved</title><p>Our new home page.</p>")
                                     : page(404, "<!DOCTYPE html><title>404</title><p>Not found.</p>");
        co_await send(stream, request, response);
      }
    } else {
      text_response response = page(404, "<!DOCTYPE html><title>404</title><p>Not found.</p>");
      if (asked.path == "/robots.txt" && !options_.robots.empty()) {
        response = page(200, options_.robots);
        response.set(boost::beast::http::field::content_type, "text/plain");
      }
      co_await send(stream, request, response);
    }
  }

  static text_response page(unsigned status, std::string html) {
    text_response response;
    response.result(status);
    response.set(boost::beast::http::field::content_type, "text/html; charset=UTF-8");
    response.body() = std::move(html);
    return response;
  }

  task<void> send(stream_type& stream, const request_type& request, text_response& response) {
    response.version(request.version());
    response.keep_alive(request.keep_alive());
    response.prepare_payload();
    if (request.method() == boost::beast::http::verb::head) response.body().clear();
    co_await boost::beast::http::async_write(stream, response, await);
  }

  task<void> send_file(stream_type& stream, const request_type& request, const std::filesystem::path& path) {
    file_response response;
    boost::beast::error_code code;
    response.body().open(path.c_str(), boost::beast::file_mode::scan, code);
    if (code) {
      text_response gone = page(404, "<!DOCTYPE html><title>404</title><p>Not found.</p>");
      co_return co_await send(stream, request, gone);
    }
    response.version(request.version());
    response.keep_alive(request.keep_alive());
    response.set(boost::beast::http::field::content_type, media_type(path));
    response.prepare_payload();
    if (request.method() == boost::beast::http::verb::head) {
      boost::beast::http::response<boost::beast::http::empty_body> head(response.base());
      co_await boost::beast::http::async_write(stream, head, await);
      co_return;
    }
    co_await boost::beast::http::async_write(stream, response, await);
  }

  // "/images/NUMBER/NAME" of record NUMBER.
  [[nodiscard]] std::optional<item> find(std::string_view path) const {
    path.remove_prefix(std::string_view("/images/").size());
    std::size_t number = 0;
    const auto [end, code] = std::from_chars(path.data(), path.data() + path.size(), number);
    if (code != std::errc() || number >= records_.size()) return std::nullopt;
    item record = records_.at(number);
    const std::string_view name(end, static_cast<std::size_t>(path.data() + path.size() - end));
    if (record.file.empty() || name != "/" + record.file.filename().string()) return std::nullopt;
    return record;
  }

  // The key is looked for as the service does: wskey, X-Api-Key, Authorization.
  static std::optional<std::string> key_of(const request_type& request, const parameters& asked) {
    if (auto key = asked.first("wskey")) return key;
    if (const auto field = request.find("X-Api-Key"); field != request.end()) return std::string(field->value());
    if (const auto field = request.find("Authorization"); field != request.end()) {
      const std::string value(field->value());
      if (value.starts_with("APIKEY ")) return value.substr(7);
    }
    return std::nullopt;
  }

  text_response search(const request_type& request, const parameters& asked) {
    const auto key = key_of(request, asked);
    const std::optional<fault> failing = next_fault();
    // Windows are aligned to the clock: minutes that are left of this hour.
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
    std::uint64_t wait = 3600 - static_cast<std::uint64_t>(now.count()) % 3600;
    reply given;
    if (failing == fault::gateway_page) return page(503, "<html><body><h1>503 Service Unavailable</h1></body></html>");
    if (!key)
      given = refusal(401, {}, "Unauthorized", "Invalid API key provided!", "missing_apikey");
    else if (key->empty())
      given = refusal(401, {}, "Unauthorized", "Invalid API key provided!", "empty_apikey");
    else if (*key != options_.key)
      given = refusal(401, {}, "API key is invalid", "Please register for an API key", "401_key_invalid");
    else if (failing == fault::internal_error)
      given = refusal(500, *key, "Internal server error", "Something went wrong", {});
    else if (failing == fault::search_timeout)
      given = refusal(400, *key, "Timeout connecting to search engine", {}, "504-SA");
    else if (failing == fault::limit_reached || left_ == 0) {
      if (failing) wait = 1;
      given = refusal(429, *key, "Too many requests",
                      "Personal key client has reached the limit of " + std::to_string(options_.requests_per_hour) +
                          " requests per 60 minutes",
                      "429_limit_personal");
    } else {
      --left_;
      given = asked.path.starts_with("/entity/")     ? entity_answer(asked)
              : asked.path.ends_with("/search.json") ? engine_.answer(asked, *key)
                                                     : record_answer(records_, origin_, asked.path, *key);
    }
    text_response response = page(given.status, given.status == 301 ? std::string() : given.body);
    if (given.status == 301) response.set(boost::beast::http::field::location, given.body);
    response.set(boost::beast::http::field::content_type, "application/json;charset=UTF-8");
    if (key == options_.key) {
      const std::uint64_t left = failing == fault::limit_reached ? 0 : left_;
      response.set("RateLimit-Policy", "\"personal\";q=" + std::to_string(options_.requests_per_hour) + ";w=3600");
      response.set("RateLimit", "\"personal\";r=" + std::to_string(left) + ";t=" + std::to_string(wait));
    }
    return response;
  }

  std::optional<fault> next_fault() {
    const std::lock_guard lock(mutex_);
    if (faults_.empty()) return std::nullopt;
    const fault first = faults_.front();
    faults_.pop_front();
    return first;
  }

  server_options options_;
  collection records_;
  boost::asio::io_context context_{1};
  boost::asio::ip::tcp::acceptor acceptor_;
  std::string origin_;
  search_engine engine_;
  std::uint64_t left_;
  std::atomic<std::uint64_t> searches_{0}, images_{0};
  std::mutex mutex_;
  std::deque<fault> faults_;
  std::thread thread_;
};

server::server(collection records, server_options options, std::uint16_t port)
    : listener_(std::make_unique<listener>(std::move(records), std::move(options), port)) {}
server::~server() = default;
const std::string& server::origin() const noexcept {
  return listener_->origin();
}
const std::string& server::key() const noexcept {
  return listener_->key();
}
std::uint64_t server::searches() const noexcept {
  return listener_->searches();
}
std::uint64_t server::images() const noexcept {
  return listener_->images();
}
void server::queue(fault kind, std::size_t count) {
  listener_->queue(kind, count);
}

} // namespace replay
