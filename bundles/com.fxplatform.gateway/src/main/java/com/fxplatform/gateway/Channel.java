package com.fxplatform.gateway;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** One channel. Its lock is the one owner of joining, leaving and publishing: order, roster and counts are exact. */
final class Channel {
  /** How a wish to join ended. */
  enum Joined { YES, ALREADY, FULL, RETIRED }

  private static final Member NOBODY = new Member("", null);

  /** Who is present: by connections here, and by the nodes that say so. */
  private static final class Presence {
    final Member member;
    final Set<String> nodes = new HashSet<>(2);
    int connections;

    Presence(Member member) {
      this.member = member;
    }
  }

  private final ChannelName name;
  private final OtherNodes others;
  private final Map<Connection, Member> connections = new LinkedHashMap<>();
  private final Map<String, Presence> users = new LinkedHashMap<>();
  private Frame cached;
  private String cachedData;
  private long cachedAt;
  private boolean retired;

  Channel(ChannelName name, OtherNodes others) {
    this.name = name;
    this.others = others;
  }

  ChannelName name() {
    return name;
  }

  /** @param member who joins a presence channel; ignored elsewhere */
  Joined join(Connection connection, Member member, int mostUsers, long now) {
    List<Connection> touched;
    synchronized (this) {
      if (retired) {
        return Joined.RETIRED;
      }
      if (connections.containsKey(connection)) {
        return Joined.ALREADY;
      }
      boolean newUser = false;
      if (name.presence()) {
        Presence presence = users.get(member.id());
        newUser = presence == null;
        if (newUser) {
          if (users.size() >= mostUsers) {
            return Joined.FULL;
          }
          presence = new Presence(member);
          users.put(member.id(), presence);
        }
        if (presence.connections++ == 0) {
          others.here(name.text(), member);
        }
      }
      touched = newUser ? new ArrayList<>(connections.keySet()) : new ArrayList<>();
      if (newUser) {
        Frame added = Frame.memberAdded(name.text(), member);
        touched.forEach(other -> other.offer(added));
      }
      connections.put(connection, name.presence() ? member : NOBODY);
      connection.joined().put(name.text(), this);
      connection.offer(name.presence() ? Frame.subscribed(name.text(), roster()) : Frame.subscribed(name.text()));
      if (name.cache()) {
        connection.offer(fresh(now) ? cached : Frame.cacheMiss(name.text()));
      }
      touched.add(connection);
    }
    touched.forEach(Connection::flush);
    return Joined.YES;
  }

  /** Takes a connection off; the second call for it does nothing. Returns whether the channel is not needed any more. */
  boolean leave(Connection connection, long now) {
    List<Connection> touched = List.of();
    boolean empty;
    synchronized (this) {
      Member member = connections.remove(connection);
      if (member == null) {
        return false;
      }
      connection.joined().remove(name.text());
      if (name.presence()) {
        Presence presence = users.get(member.id());
        if (--presence.connections == 0) {
          others.gone(name.text(), member.id());
          touched = removeIfNowhere(presence);
        }
      }
      empty = retireIfUnused(now);
    }
    touched.forEach(Connection::flush);
    return empty;
  }

  private List<Connection> removeIfNowhere(Presence presence) {
    if (presence.connections > 0 || !presence.nodes.isEmpty()) {
      return List.of();
    }
    users.remove(presence.member.id());
    Frame removed = Frame.memberRemoved(name.text(), presence.member.id());
    List<Connection> told = new ArrayList<>(connections.keySet());
    told.forEach(other -> other.offer(removed));
    return told;
  }

  /** Another node has somebody of this presence channel. False if the channel was retired meanwhile. */
  boolean hereElsewhere(String node, Member member) {
    List<Connection> touched = List.of();
    synchronized (this) {
      if (retired) {
        return false;
      }
      Presence presence = users.get(member.id());
      if (presence == null) {
        presence = new Presence(member);
        users.put(member.id(), presence);
        Frame added = Frame.memberAdded(name.text(), member);
        touched = new ArrayList<>(connections.keySet());
        touched.forEach(other -> other.offer(added));
      }
      presence.nodes.add(node);
    }
    touched.forEach(Connection::flush);
    return true;
  }

  /** Another node has them no more. Returns whether the channel is not needed any more. */
  boolean goneElsewhere(String node, String userId, long now) {
    List<Connection> touched = List.of();
    boolean empty;
    synchronized (this) {
      Presence presence = users.get(userId);
      if (presence != null && presence.nodes.remove(node)) {
        touched = removeIfNowhere(presence);
      }
      empty = retireIfUnused(now);
    }
    touched.forEach(Connection::flush);
    return empty;
  }

  /** From now on nobody can join it, if nobody is on it and it keeps nothing; whoever wants to makes a new one. */
  synchronized boolean retireIfUnused(long now) {
    retired = retired || (connections.isEmpty() && users.isEmpty() && !fresh(now));
    return retired;
  }

  /** Empty when the channel was retired meanwhile; else those it was queued for. */
  List<Connection> publish(Frame frame, Connection except, String keepData, long now) {
    List<Connection> touched = new ArrayList<>();
    synchronized (this) {
      if (retired) {
        return List.of();
      }
      if (keepData != null && name.cache()) {
        cached = frame;
        cachedData = keepData;
        cachedAt = now;
      }
      for (Connection each : connections.keySet()) {
        if (each != except) {
          each.offer(frame);
          touched.add(each);
        }
      }
    }
    touched.forEach(Connection::flush);
    return touched;
  }

  synchronized boolean retired() {
    return retired;
  }

  /** Who a connection is here, or {@code null} if it is not here. */
  synchronized Member member(Connection connection) {
    return connections.get(connection);
  }

  synchronized int connectionCount() {
    return connections.size();
  }

  synchronized int userCount() {
    return users.size();
  }

  synchronized List<String> userIds() {
    return List.copyOf(users.keySet());
  }

  /** The data of the cached event, or {@code null}. */
  synchronized String cachedData(long now) {
    return fresh(now) ? cachedData : null;
  }

  synchronized long cachedSecondsLeft(long now) {
    return Limits.CACHE.toSeconds() - TimeUnit.NANOSECONDS.toSeconds(now - cachedAt);
  }

  private boolean fresh(long now) {
    return cached != null && now - cachedAt < Limits.CACHE.toNanos();
  }

  private Collection<Member> roster() {
    return users.values().stream().map(presence -> presence.member).toList();
  }
}
