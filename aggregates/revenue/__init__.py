"""Revenue: subscriptions, invoices and costs, and the KPIs of money, customers and trials."""
