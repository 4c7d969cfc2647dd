#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/random.hpp>
#include <eucv/europeana/detail/failure.hpp>
#include <eucv/europeana/detail/quota.hpp>
#include <eucv/net/condition.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/rate_limit.hpp>
#include <eucv/net/retry.hpp>
#include <eucv/net/secret.hpp>
#include <eucv/net/url.hpp>
#include <eucv/net/wait.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace eucv::europeana {

/// The clock of a service and its way to wait; tests replace it, and a program may show that it waits.
struct time_source {
  /// Returns the time now.
  std::function<std::chrono::steady_clock::time_point()> now = [] { return std::chrono::steady_clock::now(); };
  /// Waits for a duration. `why` is valid until the task ends.
  std::function<net::task<void>(std::chrono::milliseconds, const error& why)> wait =
      [](std::chrono::milliseconds duration, const error&) { return net::wait(duration); };
};

/// Options of a client.
struct client_options {
  /// At most 6 requests a page. The window of the rate limit is an hour, so waits of up to 65 minutes are tolerated.
  net::retry_policy retry{.attempts = 6,
                          .first = std::chrono::seconds(1),
                          .longest = std::chrono::seconds(60),
                          .patience = std::chrono::minutes(65)};
  std::uint64_t body_limit = std::uint64_t{32} << 20; ///< bytes of one reply
  std::uint64_t seed = 1;                             ///< of the jitter
  std::uint64_t max_requests = 0;                     ///< requests in all, retries included; 0: no limit
};

/// A client of a JSON service of Europeana with an API key, over any transport: the common part of the clients of the
/// Search, Record and Entity APIs.
///
/// The key is sent in the header field X-Api-Key and nowhere else. The first request is sent alone, so that a wrong key
/// costs one request for any number of tasks. Transient failures are retried: where the rate limit is used up, all
/// tasks wait once for the next window; where the service or the network fails, with exponential backoff. For tasks of
/// one thread; must outlive them, and the transport must outlive it.
template <net::transport Transport>
class service {
public:
  /// A service with that key.
  service(Transport& transport, net::secret_string key, client_options options = {})
      : transport_(&transport), key_(std::move(key)), options_(options), random_(options.seed) {}

  /// Sets another clock and way to wait.
  service& with_time(time_source time) { return time_ = std::move(time), *this; }

  /// Requests sent so far, retries included.
  [[nodiscard]] std::uint64_t requests() const noexcept { return requests_; }
  /// Whether client_options::max_requests are used up.
  [[nodiscard]] bool spent() const noexcept { return options_.max_requests != 0 && requests_ >= options_.max_requests; }
  /// The rate limit that the service reported last.
  [[nodiscard]] const std::optional<net::rate_limit>& limit() const noexcept { return limit_; }

  /// Sends a request, with retries, and returns read(reply). read() throws errc::bad_response where the body is no
  /// answer, which is retried, and any other error where a retry would not help. `tried` is the first part of messages,
  /// and must live until the task ends.
  ///
  /// Throws errc::budget_spent where max_requests are used up; invalid_api_key, bad_query, bad_cursor, http_status and
  /// the errors of read() without a retry; rate_limited, api_unavailable, bad_response and network errors after the
  /// last retry.
  template <class Read>
  net::task<std::invoke_result_t<Read, const net::response&>> ask(net::request question, std::string_view tried,
                                                                  Read read) {
    std::optional<std::invoke_result_t<Read, const net::response&>> answer;
    const reader keep = [&](const net::response& reply) { answer.emplace(read(reply)); };
    question.headers.push_back({"X-Api-Key", std::string(key_.reveal())});
    question.headers.push_back({"Accept", "application/json"});
    question.body_limit = options_.body_limit;
    co_await repeat(question, tried, keep);
    co_return std::move(*answer);
  }

protected:
  /// `text` with each occurrence of the key replaced by "***".
  [[nodiscard]] std::string hide(std::string text) const {
    const std::string_view key = key_.reveal();
    if (key.size() < 6) return text; // too short to tell from a word
    for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key, at))
      text.replace(at, key.size(), "***"), at += 3;
    return text;
  }

private:
  using reader = std::function<void(const net::response&)>;

  net::task<void> repeat(const net::request& question, std::string_view tried, const reader& read) {
    const net::url asked_of{question.target.scheme, question.target.host, question.target.port,
                            question.target.target.substr(0, question.target.target.find('?'))};
    const std::string on = asked_of.str();
    for (int attempt = 1;; ++attempt) {
      co_await admit(on);
      std::optional<failure> refused;
      std::optional<std::chrono::seconds> asked;
      try {
        open_request current(*this);
        const net::response reply = co_await transport_->send(question);
        asked = net::wait_asked(reply, std::chrono::system_clock::now());
        if (auto limit = net::parse_rate_limit(reply.headers)) limit_ = limit;
        current.replied(net::parse_rate_limit(reply.headers));
        if (reply.ok() || (!question.follow_redirects && reply.status / 100 == 3)) {
          try {
            read(reply);
            accepted_ = true;
            co_return;
          } catch (const error& thrown) {
            // The body may be a refusal: "success": false with a code.
            refused = thrown.code() == errc::bad_response ? classify(reply, on, tried)
                                                          : failure{thrown, retry_action::stop, refusal::no_answer};
          }
        } else {
          refused = classify(reply, on, tried);
        }
      } catch (const error& thrown) {
        if (!net::is_transient(thrown.code()) && thrown.code() != errc::bad_response) throw;
        refused = failure{thrown, retry_action::back_off, refusal::no_answer};
      }
      auto pause = net::backoff(options_.retry, attempt, random_);
      if (asked) pause = std::max(pause, std::chrono::milliseconds(*asked));
      if (refused->action == retry_action::stop || attempt >= options_.retry.attempts ||
          pause > options_.retry.patience) {
        const error cause = without_secret(refused->cause);
        if (!accepted_ && cause.code() == errc::invalid_api_key) key_refused_ = cause;
        throw cause;
      }
      if (refused->action == retry_action::wait_for_window) {
        closed_by_ = without_secret(refused->cause);
        quota_.close(time_.now() + pause);
      } else {
        co_await time_.wait(pause, refused->cause);
      }
    }
  }

  // A request under way; one that ends without a reply, also by a cancellation, is lost.
  class open_request {
  public:
    explicit open_request(service& owner) : owner_(owner), number_(owner.quota_.send()) { ++owner.requests_; }
    ~open_request() {
      if (!replied_) owner_.quota_.lost();
      owner_.changed_.wake_all();
    }
    open_request(const open_request&) = delete;
    open_request& operator=(const open_request&) = delete;
    void replied(const std::optional<net::rate_limit>& limit) {
      replied_ = true;
      owner_.quota_.replied(number_, limit, owner_.time_.now());
    }

  private:
    service& owner_;
    std::uint64_t number_;
    bool replied_ = false;
  };

  // Waits until a request may be sent.
  net::task<void> admit(const std::string& on) {
    while (true) {
      if (key_refused_) throw *key_refused_;
      if (spent())
        throw error(errc::budget_spent, {"ask Europeana", on,
                                         "the " + std::to_string(options_.max_requests) + " requests allowed are spent",
                                         "do the same again to go on"});
      const auto now = time_.now();
      if (quota_.open(now) && (accepted_ || quota_.under_way() == 0)) break;
      const auto opens = quota_.opens_at();
      if (opens && *opens > now && !window_watched_) {
        co_await watch_window(std::chrono::ceil<std::chrono::milliseconds>(*opens - now), on);
      } else {
        co_await changed_.wait();
      }
    }
    closed_by_.reset();
  }

  // One task waits until the window opens; the others wait for that task.
  net::task<void> watch_window(std::chrono::milliseconds left, const std::string& on) {
    const error why = closed_by_.value_or(
        error(errc::rate_limited, {"ask Europeana", on, "the key has no request left in this window",
                                   "wait for the next window, or ask Europeana for a project key, "
                                   "which has a higher limit"}));
    if (left > options_.retry.patience) throw why;
    struct watch {
      service& owner;
      explicit watch(service& self) : owner(self) { owner.window_watched_ = true; }
      ~watch() {
        owner.window_watched_ = false;
        owner.changed_.wake_all();
      }
    } const watching(*this);
    co_await time_.wait(left, why);
  }

  [[nodiscard]] error without_secret(const error& cause) const {
    error_text text = cause.text();
    text.why = hide(std::move(text.why));
    return cause.status() != 0 ? error(cause.status(), std::move(text)) : error(cause.code(), std::move(text));
  }

  Transport* transport_;
  net::secret_string key_;
  client_options options_;
  random random_;
  time_source time_;
  quota quota_;
  net::condition changed_; ///< a reply came, or a wait ended
  std::uint64_t requests_ = 0;
  std::optional<net::rate_limit> limit_;
  std::optional<error> key_refused_, closed_by_;
  bool accepted_ = false; ///< whether any answer has come
  bool window_watched_ = false;
};

} // namespace eucv::europeana
