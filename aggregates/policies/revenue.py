"""Policies on subscriptions, recurring revenue, renewals and conversion."""

from typing import Annotated

from pydantic import BaseModel, Field


class RevenuePolicy(BaseModel):
    """What counts as recurring revenue, and how its changes are told apart."""

    coalesce_minutes: Annotated[int, Field(ge=0, le=1440)] = 60
    """Subscription changes this close after the first of a group are classified as one movement."""
